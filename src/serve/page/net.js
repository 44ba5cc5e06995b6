// Questions to the watch. What it refuses is an error with its own words.

async function answer(reply) {
  if (reply.ok) return reply;
  let words = `${reply.status} ${reply.statusText}`;
  try { words = (await reply.json()).error || words; } catch { /* it was no JSON */ }
  throw new Error(words);
}

export async function get(path, signal) {
  return (await answer(await fetch(path, { signal }))).json();
}

export async function getText(path) {
  return (await answer(await fetch(path))).text();
}

export async function post(path, body, signal) {
  const headers = { "x-cuesmith": "1" };
  if (body) headers["content-type"] = "application/json";
  const reply = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body), signal });
  return (await answer(reply)).json();
}

// Tells of its progress, which `fetch` can't.
export function put(path, file, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("PUT", path);
    request.setRequestHeader("x-cuesmith", "1");
    request.upload.onprogress = (event) => progress(event.loaded / Math.max(1, event.total));
    request.onerror = () => fail(new Error("the connection broke"));
    request.onload = () => {
      let said = {};
      try { said = JSON.parse(request.responseText); } catch { /* it was no JSON */ }
      if (request.status < 300) done(said);
      else fail(new Error(said.error || `${request.status} ${request.statusText}`));
    };
    request.send(file);
  });
}
