// Building elements and writing figures. Data gets into the page as text only.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    const isState = name.startsWith("data-") || name.startsWith("aria-");
    if (value === undefined || value === null || (value === false && !isState)) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true && !isState) node.setAttribute(name, "");
    else node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Puts other children in, and the focus back to where it was: by id, or by `data-key`.
export function fill(node, ...children) {
  const active = document.activeElement;
  const inside = active && active !== node && node.contains(active);
  const key = inside && (active.dataset.key || active.id);
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  if (!key) return;
  const again = [...node.querySelectorAll("[data-key],[id]")].find((one) => one.dataset.key === key || one.id === key);
  if (again) again.focus({ preventScroll: true });
}

export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

let last = "";
// Said by screen readers, each thing once.
export function announce(words) {
  if (words === last) return;
  last = words;
  document.getElementById("announce").textContent = words;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  return `${(whole / 3600).toFixed(1)} h`;
}

export function bytes(count) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  for (; count >= 1024 && at < 4; at += 1) count /= 1024;
  return `${at && count < 100 ? count.toFixed(1) : Math.round(count)} ${units[at]}`;
}

export function when(ms) {
  const date = new Date(ms), today = new Date();
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === today.toDateString()) return clock;
  const year = date.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return `${date.toLocaleDateString([], { day: "numeric", month: "short", year })}, ${clock}`;
}

export function time(ms) {
  return el("time", { datetime: new Date(ms).toISOString() }, when(ms));
}

export function badge(state) {
  return el("span", { class: `badge ${state}` }, state);
}

// Where a file of a job's results lies.
export function file(id, name) {
  return `/jobs/${id}/files/${name.split("/").map(encodeURIComponent).join("/")}`;
}

export function plain(value) {
  if (value === null || value === undefined) return "-";
  if (Array.isArray(value)) return value.length ? value.map(plain).join("; ") : "none";
  if (typeof value === "object") {
    if ("min" in value && "max" in value) return `${value.min} to ${value.max}`;
    return Object.values(value).map(plain).join(" ");
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? String(Math.round(value * 1000) / 1000) : String(value);
}
