// One job: what came out, why, with which knobs, and what else can be made of the same file.

import { announce, badge, bytes, duration, el, file, fill, text, time } from "./dom.js";
import { knobsPanel } from "./knobs.js";
import { listen } from "./live.js";
import { get, getText, post } from "./net.js";
import { left, steps } from "./queue.js";

const FILMS = /\.(mp4|m4v|mov|webm|mkv|ogv)$/i;

export function job(view, id) {
  document.title = "Job - cuesmith";
  const path = `/api/jobs/${id}`;
  const parts = { top: el("div", { id: "job-top" }), live: el("section", { id: "live", "aria-label": "Progress", hidden: true }), rest: el("div", { id: "job-rest" }) };
  fill(view, el("nav", { "aria-label": "Back" }, el("a", { href: "#/", id: "back" }, "Back to the queue")), parts.top, parts.live, parts.rest);
  let mark = null, shown = null, isClosed = false;
  const load = async () => {
    let told;
    try { told = await get(path); } catch (error) {
      if (!isClosed) fill(parts.top, el("h1", {}, "No such job"), el("p", { class: "bad", id: "trouble" }, error.message));
      return;
    }
    if (isClosed) return;
    if (shown && shown !== told.job.state) announce(`${told.job.name} is ${told.job.state}`);
    top(parts.top, told, load);
    // Below people play, turn knobs and read: that stays unless there is something new.
    const print = JSON.stringify([told.job.state, told.job.ended_ms, told.versions.map((one) => [one.id, one.state])]);
    if (print !== parts.rest.dataset.print) {
      rest(parts, told);
      parts.rest.dataset.print = print;
    }
    shown = told.job.state;
  };
  const end = listen(({ status, running }) => {
    const found = running.find((one) => one.job.id === id);
    parts.live.hidden = !found;
    if (found) liveStages(parts.live, found.live);
    if (status.mark !== mark) { mark = status.mark; load(); }
  });
  if (mark === null) load();
  return () => { isClosed = true; end(); };
}

function liveStages(box, live) {
  if (!box.firstChild) fill(box, el("p", { class: "left figure" }), el("div", { class: "steps" }));
  text(box.firstChild, left(live));
  steps(box.lastChild, live);
}

function top(box, { job, trouble }, reload) {
  document.title = `${job.name} - cuesmith`;
  const said = el("p", { id: "said", class: "bad", role: "status" });
  const button = (wish, words) => el("button", { type: "button", id: wish, "data-key": wish, onclick: async () => {
    try {
      await post(`/api/jobs/${job.id}/${wish}`);
      announce(`${words}: done`);
      reload();
    } catch (error) { text(said, error.message); }
  } }, words);
  const may = {
    retry: ["done", "failed", "gone"].includes(job.state) && button("retry", "Do it again"),
    release: job.state === "quarantined" && button("release", "Bring back and do again"),
    cancel: ["running", "waiting", "seen"].includes(job.state) && button("cancel", "Cancel"),
  };
  const facts = [`folder ${job.folder}`, bytes(job.bytes)];
  if (job.seconds !== null) facts.push(`made in ${duration(job.seconds)}`, `${job.hits} of ${job.hits + job.made} stages from the cache`);
  if (job.attempts) facts.push(`${job.attempts} ${job.attempts === 1 ? "try" : "tries"} ended in trouble`);
  fill(box, el("h1", { "data-job": job.id, "data-state": job.state }, job.name, " ", badge(job.state)),
    el("p", { class: "lead" }, facts.join(", "), ", ", time(job.ended_ms || job.seen_ms)),
    job.reason && el("p", { id: "reason", class: "held" }, el("b", {}, `${CLASSES[job.reason.class] || "Trouble"}: `), job.reason.message),
    trouble && el("p", { id: "trouble", class: "held" }, trouble),
    job.quarantined && el("p", {}, `The file lies in ${job.quarantined}`),
    job.notes.length > 0 && el("ul", { id: "notes" }, job.notes.map((note) => el("li", {}, note))),
    el("p", { class: "actions" }, may.retry, may.release, may.cancel), said);
}

const CLASSES = {
  usage: "The recipe does not fit", media: "The file is broken or not supported", check: "A check refused the result",
  temporary: "It is tried again later", internal: "A fault of the program",
};

function rest(parts, told) {
  const { job, results, versions } = told;
  const names = results ? results.files.map((one) => one.name) : [];
  const has = (name) => names.includes(name);
  const part = (id, title, ...inner) => el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), inner);
  const knobs = job.state !== "quarantined" && job.state !== "gone" && knobsPanel(job, results && results.knobs);
  fill(parts.rest,
    names.length > 0 && el("div", { id: "player" }, player(job.id, names)),
    el("div", { class: "two" }, knobs && part("knobs", "Knobs", knobs), el("div", {},
      part("versions", "Versions", versionList(job, versions)),
      results && part("checks", "Checks", checkList(results.checks)),
      results && part("files", "Files", el("ul", { class: "files" }, results.files.map((one) =>
        el("li", {}, el("a", { href: file(job.id, one.name), "data-file": one.name, download: true }, one.name), " ", el("small", {}, bytes(one.bytes)))))))),
    has("piano-roll.png") && part("roll", "Piano roll", roll(job.id, "Piano roll")),
    has("report.html") && details("report", "Report: why the music is as it is", () => el("iframe", { src: file(job.id, "report.html"), title: "Report", class: "report" })),
    results && results.stages.length > 0 && details("stages", "Stages", () => stageTable(results.stages)),
    details("log", "Log", () => logText(job.id)));
}

// What is long is made when it is opened.
function details(id, title, make) {
  const box = el("details", { id }, el("summary", {}, title));
  box.addEventListener("toggle", () => { if (box.open && box.children.length === 1) box.append(make()); });
  return box;
}

// The film with its music; where a browser can't show it, the sound.
export function player(id, names) {
  const film = names.find((name) => FILMS.test(name));
  const sound = ["programme.wav", "music.wav"].find((name) => names.includes(name));
  const media = el("video", { controls: true, preload: "metadata", playsinline: true, "aria-label": "The scored video", src: file(id, film || sound || "") });
  if (film && sound) media.addEventListener("error", () => { media.src = file(id, sound); media.classList.add("sound"); }, { once: true });
  if (!film) media.classList.add("sound");
  return media;
}

export function roll(id, words) {
  return el("div", { class: "roll", tabindex: 0, role: "region", "aria-label": `${words}, scrolls sideways` },
    el("img", { src: file(id, "piano-roll.png"), alt: `${words}: notes over bars and cuts`, loading: "lazy" }));
}

function versionList(job, versions) {
  const others = versions.filter((one) => one.id !== job.id && one.seconds !== null);
  return [el("ol", { class: "plain jobs", id: "version-list" }, versions.map((one) => el("li", { "data-version": one.version, "data-job": one.id, "data-state": one.state },
    badge(one.state),
    one.id === job.id ? el("b", { "aria-current": "page" }, `Version ${one.version}`) : el("a", { href: `#/job/${one.id}` }, `Version ${one.version}`),
    el("span", { class: "facts" }, one.set.length ? one.set.join(", ") : "as the folder asks"),
    job.seconds !== null && others.includes(one) && el("a", { href: `#/compare/${job.id}/${one.id}`, "data-compare": one.id, "aria-label": `Compare with version ${one.version}` }, "Compare"))))];
}

function checkList(checks) {
  const word = (passed) => passed === true ? ["good", "passed"] : passed === false ? ["bad", "failed"] : ["", "report"];
  return el("ul", { class: "plain verdicts" }, Object.entries(checks).map(([name, check]) => {
    const [kind, said] = word(check.passed);
    return el("li", { class: kind, "data-check": name }, el("b", {}, `${name} ${said}`), `: ${check.summary}`);
  }));
}

function stageTable(stages) {
  const heads = ["stage", "node", "", "seconds"];
  const cells = (stage) => [stage.name, stage.node, { hit: "from the cache", miss: "made" }[stage.status] || stage.status, stage.seconds.toFixed(2)];
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Stages" }, el("table", {},
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head || "was")))),
    el("tbody", {}, stages.map((stage) => el("tr", {}, cells(stage).map((cell) => el("td", {}, cell)))))));
}

function logText(id) {
  const box = el("pre", { class: "log", tabindex: 0, role: "region", "aria-label": "Log" }, "loading");
  getText(`/api/jobs/${id}/log`).then((lines) => { text(box, lines); box.scrollTop = box.scrollHeight; }, (error) => text(box, error.message));
  return box;
}
