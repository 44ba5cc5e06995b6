// Two versions of one clip: one surface, a switch that keeps the place in time, what differs.

import { announce, el, fill, plain, text } from "./dom.js";
import { player, roll } from "./job.js";
import { get } from "./net.js";

// Seconds. More would be heard when it changes over.
const DRIFT = 0.05;
// So much the silent one may be off: every jump costs it time again.
const LOOSE = 0.3;

export function compare(view, first, second) {
  document.title = "Compare - cuesmith";
  fill(view, el("h1", {}, "Compare"), el("p", { class: "lead" }, "loading"));
  let isClosed = false, end = () => {};
  Promise.all([get(`/api/jobs/${first}`), get(`/api/jobs/${second}`)]).then((told) => {
    if (isClosed) return;
    if (told.some((one) => !one.results)) throw new Error("one of the two has no results");
    end = show(view, told);
  }).catch((error) => fill(view, el("h1", {}, "Compare"), el("p", { class: "bad", id: "trouble" }, error.message), el("a", { href: "#/" }, "Back to the queue")));
  return () => { isClosed = true; end(); };
}

function show(view, told) {
  const sides = told.map((one, at) => ({ letter: "AB"[at], job: one.job, names: one.results.files.map((file) => file.name), knobs: one.results.knobs }));
  const films = sides.map((side) => player(side.job.id, side.names));
  const surface = el("div", { id: "surface", class: "surface" }, films);
  const buttons = sides.map((side, at) => el("button", { type: "button", id: `side-${side.letter.toLowerCase()}`, "data-side": side.letter, onclick: () => turn(at) },
    el("b", {}, side.letter), ` version ${side.job.version}`));
  let active = 0;
  const turn = (to) => {
    const [from, next] = [films[active], films[to]];
    if (from !== next) {
      if (Math.abs(next.currentTime - from.currentTime) > DRIFT) next.currentTime = from.currentTime;
      if (!from.paused) next.play().catch(() => {});
      next.volume = from.volume;
    }
    active = to;
    surface.dataset.side = sides[to].letter;
    films.forEach((film, at) => { film.hidden = at !== to; film.muted = at !== to; });
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === to)));
    announce(`${sides[to].letter}, version ${sides[to].job.version}`);
  };
  films.forEach((film, at) => follow(film, films[1 - at], () => active === at));
  const pressed = (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key.toLowerCase() !== "x" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    turn(1 - active);
  };
  addEventListener("keydown", pressed);
  fill(view, el("nav", { "aria-label": "Back" }, el("a", { href: `#/job/${sides[0].job.id}`, id: "back" }, `Back to version ${sides[0].job.version}`)),
    el("h1", {}, sides[0].job.name.replace(/ \(version \d+\)$/, "")), surface,
    el("div", { class: "switch", role: "group", "aria-label": "Which version is heard" }, buttons, el("small", {}, " key x changes over")),
    el("section", { "aria-labelledby": "differs-title" }, el("h2", { id: "differs-title" }, "Which knobs differ"), differences(sides)),
    rolls(sides));
  turn(0);
  return () => { removeEventListener("keydown", pressed); films.forEach((film) => film.pause()); };
}

// The one that is not heard does what the other does, so that it is there when it is wanted.
function follow(film, other, isActive) {
  film.addEventListener("play", () => { if (isActive()) other.play().catch(() => {}); });
  film.addEventListener("pause", () => { if (isActive()) other.pause(); });
  film.addEventListener("ratechange", () => { if (isActive()) other.playbackRate = film.playbackRate; });
  for (const moved of ["seeked", "timeupdate"]) {
    film.addEventListener(moved, () => {
      if (isActive() && !other.seeking && Math.abs(other.currentTime - film.currentTime) > LOOSE) other.currentTime = film.currentTime;
    });
  }
}

function differences(sides) {
  const names = [...new Set(sides.flatMap((side) => Object.keys(side.knobs || {})))];
  const rows = names.map((name) => [name, ...sides.map((side) => side.knobs[name])]).filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b));
  if (!rows.length) return el("p", { id: "differs" }, "None: both were made with the same knobs.");
  return el("table", { id: "differs" },
    el("thead", {}, el("tr", {}, ["knob", "A", "B"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map(([name, a, b]) => el("tr", { "data-knob": name }, el("th", { scope: "row" }, name.replaceAll("_", " ")), el("td", {}, plain(a)), el("td", {}, plain(b))))));
}

// Both as wide as the wider one, so that the same moment lies below itself.
function align(boxes, images) {
  if (!images.every((image) => image.naturalWidth)) return;
  const width = Math.max(boxes[0].clientWidth, ...images.map((image) => 300 * image.naturalWidth / image.naturalHeight));
  for (const image of images) {
    image.style.width = `${Math.round(width)}px`;
    image.style.height = "auto";
  }
}

function rolls(sides) {
  if (!sides.every((side) => side.names.includes("piano-roll.png"))) return null;
  const boxes = sides.map((side) => roll(side.job.id, `Piano roll of ${side.letter}`));
  boxes.forEach((box, at) => box.addEventListener("scroll", () => { boxes[1 - at].scrollLeft = box.scrollLeft; }, { passive: true }));
  const images = boxes.map((box) => box.querySelector("img"));
  images.forEach((image) => image.addEventListener("load", () => align(boxes, images)));
  return el("section", { id: "rolls", "aria-labelledby": "rolls-title" }, el("h2", { id: "rolls-title" }, "Piano rolls"),
    sides.map((side, at) => [el("h3", {}, `${side.letter}: version ${side.job.version}`), boxes[at]]));
}
