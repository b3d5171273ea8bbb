// Looks closer at a recording without loading its page again: links, a range that is drawn over
// the signal, keys. Without this script the links load the page.

const LEFT = 44; // of the picture's 720: where its axis of time begins, and how wide that is
const INNER = 646;
const WIDTH = 720;
const SHORTEST_S = 5;
let asked = 0;

async function show(address, { keepsFocus = false, isBack = false } = {}) {
  const mine = ++asked;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("view");
    if (mine !== asked) return;
    if (!answer.ok || !fresh) throw new Error("no view");
    document.getElementById("view").replaceWith(fresh);
  } catch {
    location.assign(address);
    return;
  }
  if (!isBack) history.pushState({}, "", address);
  if (keepsFocus) document.querySelector("#view [data-keys]").focus({ preventScroll: true });
}

function timeAt(plot, clientX) {
  const box = plot.getBoundingClientRect();
  const x = ((clientX - box.left) * WIDTH) / box.width;
  const share = Math.min(1, Math.max(0, (x - LEFT) / INNER));
  return Number(plot.dataset.start) + share * Number(plot.dataset.length);
}

function placeOf(plot, time) {
  return LEFT + (INNER * (time - Number(plot.dataset.start))) / Number(plot.dataset.length);
}

function clock(time) {
  const seconds = Math.floor(time);
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

function band(plot) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  made.setAttribute("class", "br-chosen");
  made.setAttribute("y", "14");
  made.setAttribute("height", "130");
  plot.append(made);
  return made;
}

document.addEventListener("pointerdown", (event) => {
  const plot = event.target.closest?.(".br-plot");
  if (!plot || event.button !== 0 || event.pointerType === "touch" || event.target.closest("a")) return;
  event.preventDefault();
  const from = timeAt(plot, event.clientX);
  const shown = band(plot);
  const range = (to) => [Math.min(from, to), Math.max(from, to)];
  const move = (next) => {
    const [start, end] = range(timeAt(plot, next.clientX)).map((time) => placeOf(plot, time));
    shown.setAttribute("x", start);
    shown.setAttribute("width", end - start);
  };
  const end = (last) => {
    document.removeEventListener("pointermove", move);
    shown.remove();
    const [start, until] = range(timeAt(plot, last.clientX));
    const length = until - start;
    if (placeOf(plot, until) - placeOf(plot, start) < 4) return;
    const query = `start_s=${start.toFixed(2)}&length_s=${Math.max(length, SHORTEST_S).toFixed(2)}`;
    show(`${plot.dataset.address}?${query}#view`);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
});

document.addEventListener("pointermove", (event) => {
  const plot = event.target.closest?.("#view .br-plot");
  const readout = document.querySelector("#view .br-readout");
  if (readout) readout.textContent = plot ? clock(timeAt(plot, event.clientX)) : "";
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-move], .br-plot a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const isFar = !link.closest("#view");
  show(link.getAttribute("href"), { keepsFocus: true }).then(() => {
    if (isFar) document.getElementById("view").scrollIntoView({ block: "nearest" });
  });
});

const KEYS = { ArrowLeft: "earlier", ArrowRight: "later", "+": "closer", "=": "closer", "-": "wider" };
document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("[data-keys]") || !(event.key in KEYS)) return;
  const link = document.querySelector(`#view a[data-move="${KEYS[event.key]}"]`);
  if (!link) return;
  event.preventDefault();
  show(link.getAttribute("href"), { keepsFocus: true });
});

addEventListener("popstate", () => show(location.href, { isBack: true }));
document.documentElement.dataset.breathing = "ready";
