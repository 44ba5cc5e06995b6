// Which view is shown: the address after `#` says it.

import { announce, text } from "./dom.js";
import { listen, open } from "./live.js";
import { queue } from "./queue.js";
import { job } from "./job.js";
import { compare } from "./compare.js";

const view = document.getElementById("view");
const link = document.getElementById("link");
let close = () => {};

function route() {
  const [name, ...ids] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const known = { "": queue, job, compare };
  return { name: known[name] ? name : "", show: known[name] || queue, ids };
}

function show(isFirst) {
  // The skip link leads here too; it is no view.
  if (location.hash === "#view") return;
  close();
  const { name, show, ids } = route();
  view.dataset.view = name || "queue";
  view.replaceChildren();
  close = show(view, ...ids) || (() => {});
  if (!isFirst) {
    view.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

addEventListener("hashchange", () => show(false));
show(true);
open((state) => {
  link.dataset.link = state;
  const words = { live: "live", lost: "connection lost, trying again" };
  text(link, words[state]);
  if (state === "lost") announce("Connection lost");
});
listen(({ status }) => {
  text(document.getElementById("about"), `cuesmith ${status.version}, since it started: ${status.totals.done} done, ` +
    `${status.totals.stages_hit} stages from the cache and ${status.totals.stages_made} made`);
});
