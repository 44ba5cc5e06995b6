// The queue: how it stands, what runs, what waits, what was.

import { announce, badge, duration, el, fill, text, time } from "./dom.js";
import { listen } from "./live.js";
import { get } from "./net.js";
import { dropZone } from "./upload.js";

const WAITING = "seen,waiting";
const ENDED = ["done", "failed", "quarantined", "gone", "ignored"];
const SHOWN = ["running", "waiting", "seen", "done", "failed", "quarantined", "gone", "ignored"];

export function queue(view) {
  document.title = "Queue - cuesmith";
  const parts = frame(view);
  const history = historyOf(parts);
  let mark = null, timer = null;
  const refresh = () => { timer = null; waiting(parts); history.refresh(); };
  const end = listen(({ status, running, news }) => {
    head(parts, status);
    runningJobs(parts, running);
    newsLines(parts, news);
    if (status.mark !== mark) {
      // The first look at once, later ones not more often than people read.
      timer = timer || setTimeout(refresh, mark === null ? 0 : 1000);
      mark = status.mark;
    }
  });
  return () => { end(); clearTimeout(timer); };
}

function frame(view) {
  const parts = {
    held: el("p", { id: "held", class: "held", role: "status", hidden: true }),
    counts: el("ul", { id: "counts", class: "counts", "aria-label": "Jobs by state" }),
    folders: el("ul", { id: "folders", class: "plain folders", "aria-label": "Watched folders" }),
    drop: el("div"),
    running: el("ul", { id: "running", class: "plain" }),
    waiting: el("ul", { id: "waiting", class: "plain jobs" }),
    history: el("ul", { id: "history", class: "plain jobs" }),
    empty: el("p", { id: "empty", class: "lead", hidden: true }),
    more: el("button", { id: "more", type: "button", hidden: true }, "Show more"),
    found: el("p", { class: "lead", id: "found", "aria-live": "polite" }),
    search: el("input", { id: "search", type: "search", placeholder: "Name, folder or id", autocomplete: "off" }),
    state: el("select", { id: "state" }, el("option", { value: ENDED.join(",") }, "all that ended"),
      ENDED.map((name) => el("option", { value: name }, name))),
    news: el("ol", { id: "news", class: "plain news" }),
  };
  const section = (id, title, ...inner) => el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), inner);
  parts.runningSection = section("running-part", "Running", parts.running);
  parts.waitingSection = section("waiting-part", "Waiting", parts.waiting);
  parts.runningSection.hidden = parts.waitingSection.hidden = true;
  fill(view, el("h1", {}, "Queue"), parts.held, parts.counts, parts.folders, parts.drop, parts.runningSection, parts.waitingSection,
    section("history-part", "History",
      el("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
        el("label", {}, "Show ", parts.state), el("label", {}, "Search ", parts.search)),
      parts.found, parts.history, parts.empty, el("p", {}, parts.more)),
    el("details", { id: "news-part" }, el("summary", {}, "What happened"), parts.news));
  return parts;
}

function head(parts, status) {
  const held = status.is_stopping ? "The watch is stopping: what runs ends, nothing new starts." : status.held && `Nothing starts now: ${status.held}`;
  parts.held.hidden = !held;
  text(parts.held, held || "");
  const counts = SHOWN.filter((name) => status.counts[name] || ["running", "waiting", "done"].includes(name));
  fill(parts.counts, counts.map((name) => el("li", { class: name, "data-count": name }, el("b", {}, String(status.counts[name])), ` ${name}`)));
  fill(parts.folders, status.folders.map((folder) => el("li", { "data-folder": folder.name, "data-away": Boolean(folder.away) },
    folder.name !== folder.path && el("b", {}, `${folder.name} `), `${folder.path} to ${folder.out}, recipe ${folder.recipe} `,
    folder.away ? el("span", { class: "bad" }, `away: ${folder.away}`) : el("small", {}, folder.mode))));
  if (status.upload_bytes && !parts.drop.firstChild) parts.drop.append(dropZone(status.upload_bytes));
  parts.isEmpty = status.jobs === 0;
  parts.hasUpload = Boolean(status.upload_bytes);
}

// Rows stay where they are and change in place, so that nothing flickers and focus stays.
function runningJobs(parts, running) {
  parts.runningSection.hidden = running.length === 0;
  const rows = new Map([...parts.running.children].map((row) => [row.dataset.job, row]));
  for (const { job, live } of running) {
    const row = rows.get(job.id) || parts.running.appendChild(el("li", { class: "card", "data-job": job.id, "data-state": "running" },
      el("div", { class: "row" }, el("a", { href: `#/job/${job.id}`, "data-key": job.id }, job.name), el("span", { class: "left figure" })),
      el("div", { class: "steps" })));
    rows.delete(job.id);
    text(row.querySelector(".left"), left(live));
    steps(row.querySelector(".steps"), live);
  }
  for (const row of rows.values()) row.remove();
}

export function left(live) {
  if (!live) return "begins";
  const share = `${Math.round(live.fraction * 100)} %`;
  return live.seconds_left === null ? share : `${share}, about ${duration(live.seconds_left)} left`;
}

// One bar a stage: hit, made, running as far as it is, or waiting.
export function steps(box, live) {
  const stages = live ? live.stages : [];
  if (box.children.length !== stages.length + 1) {
    fill(box, el("ol", { class: "bars" }), el("p", { class: "stage figure" }));
    for (const stage of stages) box.firstChild.append(el("li", { "data-stage": stage.name }, el("span", { class: "fill" }), el("span", { class: "unseen" })));
  }
  const [bars, line] = [box.firstChild, box.lastChild];
  if (bars.children.length !== stages.length) fill(bars, stages.map((stage) => el("li", { "data-stage": stage.name }, el("span", { class: "fill" }), el("span", { class: "unseen" }))));
  stages.forEach((stage, at) => {
    const bar = bars.children[at];
    bar.dataset.standing = stage.standing;
    bar.dataset.stage = stage.name;
    bar.title = `${stage.name} (${stage.node}): ${stage.standing}`;
    bar.firstChild.style.width = `${Math.round(100 * (stage.standing === "running" ? Math.max(0.06, stage.fraction) : stage.standing === "waiting" ? 0 : 1))}%`;
    text(bar.lastChild, `${stage.name}: ${stage.standing}`);
  });
  const active = stages.filter((stage) => stage.standing === "running").map((stage) => stage.note ? `${stage.name} (${stage.note})` : stage.name);
  const hits = stages.filter((stage) => stage.standing === "hit").length;
  text(line, stages.length ? `${active.join(", ") || "between stages"}; ${hits} of ${stages.length} stages from the cache` : "");
}

async function waiting(parts) {
  try {
    const page = await get(`/api/jobs?state=${WAITING}&limit=50`);
    parts.waitingSection.hidden = page.matched === 0;
    const more = page.matched - page.jobs.length;
    fill(parts.waiting, page.jobs.map(row), more > 0 && el("li", { class: "lead" }, `and ${more} more`));
  } catch (error) { announce(error.message); }
}

function historyOf(parts) {
  let next = null, asked = 0;
  const path = (before, limit) => `/api/jobs?state=${parts.state.value}&q=${encodeURIComponent(parts.search.value)}&limit=${limit}${before ? `&before=${before}` : ""}`;
  const show = async (before) => {
    const turn = asked += 1;
    try {
      // As many again as were shown, so that a refresh takes nothing away.
      const shown = before ? 0 : Math.min(200, Math.max(50, parts.history.children.length));
      const page = await get(path(before, before ? 50 : shown));
      if (turn !== asked) return;
      next = page.next;
      if (before) parts.history.append(...page.jobs.map(row));
      else fill(parts.history, page.jobs.map(row));
      parts.more.hidden = !next;
      text(parts.found, page.matched ? `${page.matched} ${page.matched === 1 ? "job" : "jobs"}` : "");
      empty(parts, page.matched);
    } catch (error) { text(parts.found, error.message); }
  };
  let timer = null;
  parts.search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { parts.history.replaceChildren(); show(null); }, 200); });
  parts.state.addEventListener("change", () => { parts.history.replaceChildren(); show(null); });
  parts.more.addEventListener("click", () => show(next));
  // Somebody who has paged on is not thrown back by a refresh.
  return { refresh: () => { if (parts.history.children.length <= 200) show(null); } };
}

function empty(parts, matched) {
  parts.empty.hidden = matched > 0;
  const put = parts.hasUpload ? "Copy a video into a watched folder, or drop one on this page" : "Copy a video into a watched folder";
  text(parts.empty, parts.isEmpty ? `Nothing has come yet. ${put}: it starts when the file stands still.` :
    parts.search.value || parts.state.selectedIndex ? "No job fits. Search for less, or show all that ended." : "Nothing has ended yet.");
}

export function row(job) {
  const facts = [];
  if (job.seconds !== null) facts.push(`${duration(job.seconds)}, ${job.hits} of ${job.hits + job.made} stages from the cache`);
  if (job.reason) facts.push(job.reason.message);
  if (job.set.length) facts.push(job.set.join(", "));
  if (job.state === "seen") facts.push("until the file stands still");
  return el("li", { "data-job": job.id, "data-state": job.state },
    badge(job.state), el("a", { href: `#/job/${job.id}`, "data-key": job.id }, job.name),
    el("span", { class: "facts" }, facts.join("; ")), time(job.ended_ms || job.seen_ms));
}

function newsLines(parts, news) {
  const last = parts.news.firstChild ? Number(parts.news.firstChild.dataset.number) : -1;
  if (news.length && news[news.length - 1].number === last) return;
  fill(parts.news, [...news].reverse().map((line) => el("li", { "data-number": line.number }, time(line.ms), " ",
    line.job ? el("a", { href: `#/job/${line.job}`, "data-key": `news-${line.number}` }, line.text) : line.text)));
}
