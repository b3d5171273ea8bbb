// Choosing, previewing and sending films, one request for each, so that each has its own progress,
// its own answer and its own error. Without this script the form sends them all at once.

const texts = JSON.parse(document.getElementById("texts").textContent);
const form = document.getElementById("upload");
const input = document.getElementById("files");
const drop = document.getElementById("drop");
const list = document.getElementById("queue");
const send = document.getElementById("send");
const cancel = document.getElementById("cancel");
const clear = document.getElementById("clear");
const all = document.getElementById("all");
const notice = document.getElementById("notice");
const BYTES_MAX = Number(form.dataset.bytesMax);
const FILES_MAX = Number(form.dataset.filesMax);
const SHOWN = new Set(["image/png", "image/jpeg", "image/webp", "image/bmp"]);

let queue = [];
let running = null;
let isStopped = false;
let batch = null;

const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const inLanguage = (number) => number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
const megabytes = (bytes) => inLanguage(bytes / 1e6);
const sizeOf = (bytes) => (bytes < 1e6 ? `${inLanguage(Math.ceil(bytes / 1e3))} kB` : `${megabytes(bytes)} MB`);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function problemOf(file) {
  if (file.size === 0) return texts.empty_file;
  if (file.size > BYTES_MAX) return say(texts.too_large_file, { size: megabytes(file.size), megabytes: megabytes(BYTES_MAX) });
  return null;
}

function preview(file) {
  const frame = element("div", "thumb");
  if (SHOWN.has(file.type)) {
    const image = element("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => frame.replaceChildren(element("span", "none", texts.no_preview)));
    frame.append(image);
  } else {
    frame.append(element("span", "none", texts.no_preview));
  }
  return frame;
}

function row(item) {
  const line = element("li", "list-group-item");
  const words = element("div", "words");
  words.append(element("div", "name", item.file.name), element("div", "small text-body-secondary", sizeOf(item.file.size)));
  item.bar = element("progress");
  item.bar.max = 100;
  item.bar.value = 0;
  item.bar.hidden = true;
  item.bar.setAttribute("aria-label", item.file.name);
  item.state = element("div", "state small");
  words.append(item.bar, item.state);
  item.remove = element("button", "btn btn-sm btn-outline-secondary", texts.remove);
  item.remove.type = "button";
  item.remove.setAttribute("aria-label", `${texts.remove}: ${item.file.name}`);
  item.remove.addEventListener("click", () => {
    queue = queue.filter((one) => one !== item);
    show();
  });
  line.append(preview(item.file), words, item.remove);
  if (item.problem) fail(item, item.problem);
  return line;
}

function fail(item, text) {
  item.status = "failed";
  item.state.className = "state small text-danger";
  item.state.textContent = text;
  item.bar.hidden = true;
}

function show() {
  list.replaceChildren(...queue.map((item) => (item.row ??= row(item))));
  clear.hidden = queue.length === 0 || running !== null;
  input.required = queue.length === 0;
}

function add(files) {
  const room = FILES_MAX - queue.length;
  const taken = [...files].slice(0, Math.max(room, 0));
  queue.push(...taken.map((file) => ({ file, problem: problemOf(file), status: "waiting" })));
  notice.classList.toggle("visually-hidden", files.length <= room);
  notice.textContent = files.length > room ? say(texts.too_many, { files: FILES_MAX }) : "";
  show();
}

function request(item) {
  return new Promise((resolve) => {
    const call = new XMLHttpRequest();
    running = call;
    call.open("POST", "/api/v1/analyses");
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.round((100 * event.loaded) / event.total);
      item.bar.value = percent;
      item.state.textContent = percent < 100 ? say(texts.sending, { percent }) : texts.judging;
    });
    call.addEventListener("load", () => resolve({ status: call.status, body: call.response, retry: Number(call.getResponseHeader("Retry-After") || 1) }));
    call.addEventListener("error", () => resolve({ status: 0 }));
    call.addEventListener("abort", () => resolve({ status: -1 }));
    const body = new FormData();
    if (batch) body.append("batch_id", batch);
    body.append("files", item.file, item.file.name);
    call.send(body);
  });
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

async function sendOne(item) {
  item.remove.hidden = true;
  item.bar.hidden = false;
  item.state.className = "state small";
  item.state.textContent = texts.waiting;
  for (;;) {
    const answer = await request(item);
    if (isStopped || answer.status === -1) {
      item.status = "waiting";
      item.bar.hidden = true;
      item.remove.hidden = false;
      item.state.textContent = texts.cancelled;
      return;
    }
    if (answer.status !== 429) return finish(item, answer);
    item.state.textContent = say(texts.retry, { seconds: answer.retry });
    await pause(answer.retry);
  }
}

function finish(item, answer) {
  item.remove.hidden = true;
  item.bar.hidden = true;
  const results = answer.body?.results ?? [];
  if (results.length === 0) {
    fail(item, answer.status === 0 ? texts.lost : answer.body?.detail ?? texts.lost);
    item.remove.hidden = false;
    return;
  }
  batch = results[0].batch_id;
  item.results = results;
  item.status = results.every((one) => one.status === "failed") ? "failed" : "done";
  item.state.replaceChildren(
    ...results.map((one) => {
      const line = element("div");
      const link = element("a", "", one.status === "failed" ? one.error.text : results.length > 1 ? one.file : texts.open);
      link.href = `/results/${one.id}`;
      line.append(element("span", `badge status ${one.status}`, one.status_title), " ", link);
      return line;
    }),
  );
}

async function sendAll() {
  isStopped = false;
  send.disabled = true;
  cancel.hidden = false;
  clear.hidden = true;
  for (const item of queue) {
    if (item.status === "waiting" && !isStopped) await sendOne(item);
  }
  running = null;
  send.disabled = false;
  cancel.hidden = true;
  show();
  const done = queue.flatMap((item) => item.results ?? []);
  if (queue.length === 1 && done.length === 1 && done[0].status !== "failed") {
    location.assign(`/results/${done[0].id}`);
  } else if (done.length > 0) {
    all.href = `/worklist?batch_id=${batch}`;
    all.hidden = done.length < 2;
    notice.textContent = texts.done;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (queue.some((item) => item.status === "waiting")) sendAll();
  else input.click();
});
cancel.addEventListener("click", () => {
  isStopped = true;
  running?.abort();
});
clear.addEventListener("click", () => {
  queue = [];
  batch = null;
  all.hidden = true;
  show();
});
input.addEventListener("change", () => {
  add(input.files);
  input.value = "";
});
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer?.files.length) add(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) add(event.clipboardData.files);
});
show();
