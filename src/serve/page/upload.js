// Files dropped on the page go into the first watched folder, one after the other.

import { announce, bytes, el, fill, text } from "./dom.js";
import { put } from "./net.js";

export function dropZone(most) {
  const list = el("ul", { class: "plain", id: "uploads" });
  const input = el("input", { type: "file", id: "upload", class: "unseen", multiple: true, accept: "video/*,.mkv,.mov,.m2ts,.mts,.mxf" });
  const words = el("p", {}, "Drop videos here or ", input, el("label", { for: "upload", class: "button" }, "choose files"));
  const zone = el("section", { class: "drop", id: "drop", "aria-label": "Upload" },
    words, el("small", {}, `Up to ${bytes(most)} each; they go into the first folder.`), list);
  let last = Promise.resolve();
  const take = (files) => {
    for (const file of files) {
      const line = el("li", { "data-upload": file.name });
      list.append(line);
      last = last.then(() => send(file, line, most));
    }
  };
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  return zone;
}

async function send(file, line, most) {
  const bar = el("progress", { max: 1, value: 0, "aria-label": `Upload of ${file.name}` });
  const share = el("span", { class: "figure" }, "0 %");
  fill(line, file.name, " ", bar, " ", share);
  line.dataset.standing = "sending";
  try {
    if (file.size > most) throw new Error(`it has ${bytes(file.size)}, more than ${bytes(most)}`);
    const path = `/api/upload/${encodeURIComponent(file.name)}`;
    const done = await put(path, file, (part) => { bar.value = part; text(share, `${Math.floor(part * 100)} %`); });
    line.dataset.standing = "done";
    fill(line, el("b", { class: "good" }, done.name), " is there");
    announce(`${done.name} is uploaded`);
  } catch (error) {
    line.dataset.standing = "failed";
    fill(line, el("b", { class: "bad" }, file.name), `: ${error.message}`);
    announce(`${file.name}: ${error.message}`);
  }
}
