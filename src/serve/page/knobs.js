// The knobs of a job: turning one shows which stages would run before anything is made.

import { announce, duration, el, fill, plain, text } from "./dom.js";
import { get, post } from "./net.js";

const KEYS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const WAIT = 350;
let known = null;

export function knobsPanel(job, used) {
  const box = el("div", {}, el("p", { class: "lead" }, "loading"));
  start(box, job, used).catch((error) => fill(box, el("p", { class: "bad" }, error.message)));
  return box;
}

async function start(box, job, used) {
  known = known || await get("/api/knobs");
  // A job that is not done yet has its values from the plan.
  const values = used || (await post(`/api/jobs/${job.id}/outlook`, { set: job.set })).knobs;
  const shown = known.filter((knob) => knob.name in values);
  const changed = new Map();
  const outlook = outlookOf(job);
  const rows = shown.map((knob) => row(knob, values[knob.name], (value) => {
    if (JSON.stringify(value) === JSON.stringify(values[knob.name])) changed.delete(knob.name);
    else changed.set(knob.name, value);
    outlook.ask(setOf(job.set, changed), changed.size);
  }));
  const reset = el("button", { type: "button", id: "reset" }, "Back to what was used");
  reset.addEventListener("click", () => rows.forEach((one) => one.reset()));
  fill(box, el("form", { class: "knobs", onsubmit: (event) => event.preventDefault() }, rows.map((one) => one.node)), reset, outlook.node);
}

// What is laid over the recipe: what this version had, and what was turned since.
function setOf(before, changed) {
  const name = (entry) => {
    const parts = entry.split("=")[0].split(".").map((part) => part.trim());
    return parts[0] === "knobs" ? parts[1] : parts[0];
  };
  return [...before.filter((entry) => !changed.has(name(entry))), ...[...changed].map(([knob, value]) => `knobs.${knob}=${toml(value)}`)];
}

function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (value && typeof value === "object") return `{ ${Object.entries(value).map(([name, one]) => `${name} = ${toml(one)}`).join(", ")} }`;
  return JSON.stringify(value);
}

function row(knob, value, turned) {
  const id = `knob-${knob.name}`;
  const control = (CONTROLS[knob.domain.kind] || CONTROLS.text)(knob, id, value, (now) => {
    node.dataset.changed = JSON.stringify(now) !== JSON.stringify(value);
    turned(now);
  });
  const unit = knob.unit && el("small", {}, knob.unit);
  const node = el("div", { class: "knob", "data-knob": knob.name, "data-changed": false },
    el("label", { for: id }, knob.name.replaceAll("_", " "), " ", unit),
    el("div", { class: "control" }, control.nodes),
    el("small", { id: `${id}-about`, class: "about" }, knob.about));
  return { node, reset: () => { control.set(value); if (node.dataset.changed === "true") { node.dataset.changed = false; turned(value); } } };
}

function slider(knob, id, start, moved) {
  const { min, max } = knob.domain;
  const step = knob.domain.kind.includes("int") ? 1 : max - min > 20 ? 0.5 : max - min > 4 ? 0.1 : 0.05;
  const range = el("input", { type: "range", id, min, max, step, "aria-describedby": `${id}-about` });
  const shown = el("output", { for: id, class: "figure" });
  const say = () => text(shown, plain(Number(range.value)));
  range.addEventListener("input", () => { say(); moved(Number(range.value)); });
  const set = (value) => { range.value = value; say(); };
  set(start);
  return { range, shown, set };
}

function select(id, choices, value, moved) {
  const all = choices.includes(value) ? choices : [value, ...choices];
  const node = el("select", { id, "aria-describedby": `${id}-about` }, all.map((choice) => el("option", { value: choice }, choice)));
  node.value = value;
  node.addEventListener("change", () => moved(node.value));
  return { nodes: [node], set: (now) => { node.value = now; } };
}

// A slider beside a choice of what its number means.
function moded(knob, id, value, moved, modes) {
  const { min, max } = knob.domain;
  const mode = el("select", { "aria-label": `${knob.name}: how`, "data-mode": knob.name }, modes.map((name) => el("option", {}, name)));
  const isNumber = (now) => now !== "auto";
  const part = slider(knob, id, isNumber(value) ? Number(value) : (min + max) / 2, () => send());
  const send = () => {
    part.range.disabled = mode.value === "auto";
    part.shown.hidden = part.range.disabled;
    const number = Number(part.range.value);
    moved(mode.value === "auto" ? "auto" : mode.value === "shift" ? `${number < 0 ? "" : "+"}${number}` : number);
  };
  const set = (now) => {
    mode.value = now === "auto" ? "auto" : typeof now === "string" ? "shift" : "at";
    if (isNumber(now)) part.set(Number(now));
    part.range.disabled = now === "auto";
    part.shown.hidden = now === "auto";
  };
  mode.addEventListener("change", () => { if (mode.value === "shift" && !isNumber(value)) part.set(0); send(); });
  set(value);
  return { nodes: [mode, part.range, part.shown], set };
}

const number = (knob, id, value, moved) => {
  const part = slider(knob, id, value, moved);
  return { nodes: [part.range, part.shown], set: part.set };
};

const CONTROLS = {
  float: number,
  int: number,
  auto_float: (knob, id, value, moved) => moded(knob, id, value, moved, ["auto", "at"]),
  auto_int: (knob, id, value, moved) => moded(knob, id, value, moved, ["auto", "at"]),
  offset: (knob, id, value, moved) => moded(knob, id, value, moved, ["auto", "shift", "at"]),
  choice: (knob, id, value, moved) => select(id, knob.domain.choices, value, moved),
  key: (knob, id, value, moved) => select(id, ["auto", ...KEYS, ...KEYS.map((key) => `${key} minor`)], value, moved),
  bool: (knob, id, value, moved) => {
    const box = el("input", { type: "checkbox", id, "aria-describedby": `${id}-about` });
    box.checked = value;
    box.addEventListener("change", () => moved(box.checked));
    return { nodes: [box], set: (now) => { box.checked = now; } };
  },
  range: (knob, id, value, moved) => {
    const bounds = (now) => typeof now === "number" ? { max: now, min: now } : now;
    const field = (own, name) => el("input", { type: "number", id: own, min: knob.domain.min, max: knob.domain.max, step: 1, "aria-label": `${knob.name}: ${name}`, "data-bound": name });
    const [low, high] = [field(id, "min"), field(`${id}-max`, "max")];
    const set = (now) => { low.value = bounds(now).min; high.value = bounds(now).max; };
    const send = () => { if (low.value && high.value) moved({ max: Number(high.value), min: Number(low.value) }); };
    low.addEventListener("input", send);
    high.addEventListener("input", send);
    set(value);
    return { nodes: [low, " to ", high], set };
  },
  hits: (knob, id, value, moved) => {
    const write = (now) => now.map((hit) => `${hit.time} ${hit.kind}`).join("; ");
    const read = (words) => words.split(/[;\n]/).map((part) => part.trim().split(/\s+/)).filter(([at]) => at)
      .map(([at, kind]) => ({ time: Number(at), kind: kind || "accent" })).filter((hit) => Number.isFinite(hit.time));
    const field = el("input", { type: "text", id, placeholder: "12.4 accent; 20 stop", "aria-describedby": `${id}-about` });
    field.value = write(value);
    field.addEventListener("input", () => moved(read(field.value)));
    return { nodes: [field], set: (now) => { field.value = write(now); } };
  },
  text: (knob, id, value, moved) => {
    const field = el("input", { type: "text", id, "aria-describedby": `${id}-about` });
    field.value = value;
    field.addEventListener("input", () => moved(field.value));
    return { nodes: [field], set: (now) => { field.value = now; } };
  },
};

function outlookOf(job) {
  const says = el("p", { id: "outlook-says", "aria-live": "polite" }, "Turn a knob to see what would be made anew.");
  const stages = el("ul", { id: "outlook-stages", class: "plain stages" });
  const make = el("button", { type: "button", id: "make", class: "main", disabled: true }, "Make this version");
  const node = el("div", { id: "outlook", class: "outlook", "data-standing": "idle" }, says, stages, make);
  let timer = null, abort = null, set = [];
  const standing = (name, words) => { node.dataset.standing = name; text(says, words); make.disabled = name !== "ready"; };
  const look = async () => {
    abort = new AbortController();
    try {
      const found = await post(`/api/jobs/${job.id}/outlook`, { set }, abort.signal);
      standing("ready", inWords(found.stages));
      fill(stages, [...found.stages].sort((a, b) => Number(b.runs) - Number(a.runs)).map(stageLine));
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(stages);
      standing("refused", error.message);
    }
  };
  make.addEventListener("click", async () => {
    make.disabled = true;
    try {
      const made = await post(`/api/jobs/${job.id}/version`, { set });
      announce("A new version is ordered");
      location.hash = `#/job/${made.job}`;
    } catch (error) { standing("refused", error.message); }
  });
  const ask = (now, changes) => {
    clearTimeout(timer);
    if (abort) abort.abort();
    set = now;
    if (!changes) {
      fill(stages);
      return standing("idle", "Turn a knob to see what would be made anew.");
    }
    standing("asking", "looking what would run");
    timer = setTimeout(look, WAIT);
  };
  return { node, ask };
}

function inWords(stages) {
  const runs = stages.filter((stage) => stage.runs), timed = runs.filter((stage) => stage.seconds !== null);
  const seconds = timed.reduce((sum, stage) => sum + stage.seconds, 0);
  if (!runs.length) return "Nothing would be made anew: all of it is in the cache.";
  const guess = timed.length ? `, about ${duration(seconds)}${timed.length < runs.length ? " and more" : ""}` : "";
  return `${runs.length} of ${stages.length} stages run${guess}; ${stages.length - runs.length} come from the cache.`;
}

function stageLine(stage) {
  return el("li", { "data-stage": stage.name, "data-runs": stage.runs },
    el("b", {}, stage.name), ` ${stage.runs ? "runs" : "from the cache"}`,
    stage.runs && stage.seconds !== null && `, ${duration(stage.seconds)}`,
    stage.runs && stage.because && el("small", {}, ` ${stage.because}`));
}
