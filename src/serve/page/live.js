// How the watch stands, as its stream of events tells it.

import { announce } from "./dom.js";

const listeners = new Set();
export const now = { status: null, running: [], news: [] };

// Calls back at once if something is known, and after every event; gives what ends that.
export function listen(call) {
  listeners.add(call);
  if (now.status) call(now);
  return () => listeners.delete(call);
}

function take(event) {
  const told = JSON.parse(event.data);
  now.status = told.status;
  now.running = told.running;
  const last = now.news.length ? now.news[now.news.length - 1].number : 0;
  const fresh = told.news.filter((line) => line.number > last || line.number < last - 1000);
  if (now.news.length && fresh.length) announce(fresh[fresh.length - 1].text);
  now.news = [...now.news, ...fresh].slice(-100);
  for (const call of listeners) call(now);
}

// A page that nobody sees leaves its connection to others: browsers open only six to one server.
export function open(tell) {
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => open(tell), { once: true });
    return;
  }
  const stream = new EventSource("/api/events");
  const hide = () => { if (document.hidden) { stream.close(); open(tell); } else document.addEventListener("visibilitychange", hide, { once: true }); };
  document.addEventListener("visibilitychange", hide, { once: true });
  stream.addEventListener("state", take);
  stream.onopen = () => tell("live");
  stream.onerror = () => {
    tell("lost");
    // A refused stream is not opened again by itself.
    if (stream.readyState !== EventSource.CLOSED) return;
    document.removeEventListener("visibilitychange", hide);
    setTimeout(() => open(tell), 3000);
  };
}
