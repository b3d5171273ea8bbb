// Sends one scan as the body of a request, so that it streams to disk and its progress is known.
// Without this script the form sends it.

const form = document.getElementById("ct-upload");
const input = document.getElementById("file");
const drop = document.getElementById("drop");
const bar = document.getElementById("sending");
const notice = document.getElementById("notice");
const send = document.getElementById("send");
const stop = document.getElementById("stop");
let running = null;

function say(text, isProblem = false) {
  notice.textContent = text;
  notice.className = isProblem ? "mt-2 mb-0 alert alert-danger" : "mt-2 mb-0";
}

function rest() {
  running = null;
  send.disabled = false;
  stop.hidden = true;
  bar.hidden = true;
}

function answer(call) {
  rest();
  const body = call.response;
  if (call.status === 202) location.assign(`/ct/jobs/${body.id}`);
  else say(body?.detail ?? form.dataset.lost, true);
}

function begin(file) {
  if (file.size > Number(form.dataset.bytesMax)) return say(form.dataset.large, true);
  running = new XMLHttpRequest();
  const call = running;
  call.open("POST", `/api/v1/ct/scans?file=${encodeURIComponent(file.name)}`);
  call.setRequestHeader("Content-Type", "application/octet-stream");
  call.responseType = "json";
  call.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.round((100 * event.loaded) / event.total);
    bar.value = percent;
    say(percent < 100 ? form.dataset.sending.replace("{percent}", percent) : form.dataset.sent);
  });
  call.addEventListener("load", () => answer(call));
  call.addEventListener("error", () => { rest(); say(form.dataset.lost, true); });
  call.addEventListener("abort", () => { rest(); say(""); });
  send.disabled = true;
  stop.hidden = bar.hidden = false;
  bar.value = 0;
  call.send(file);
}

function show() {
  document.getElementById("chosen").textContent = input.files[0]?.name ?? "";
  say("");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files.length && !running) begin(input.files[0]);
});
stop.addEventListener("click", () => running?.abort());
input.addEventListener("change", show);
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer?.files.length || running) return;
  input.files = event.dataTransfer.files;
  show();
});
