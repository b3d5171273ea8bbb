// Boxes and strokes that a reader draws on the film, kept in shares of its width and height, so that
// they stay where they are whatever the zoom. They travel in a hidden field of the reading's form.

const form = document.getElementById("reading");
const root = document.querySelector("[data-viewer]");
const field = form?.querySelector("[name='marks']");
const KINDS = ["box", "stroke"]; // the tools of the viewer that mark
const SVG = "http://www.w3.org/2000/svg";

class Marks {
  constructor(viewer) {
    this.viewer = viewer;
    this.layer = viewer.root.querySelector(".marks");
    this.own = [];
    this.shown = [];
    this.current = null;
    viewer.drawing = this;
    viewer.listeners.add(() => this.draw());
  }

  begins(viewer, event) {
    if (!KINDS.includes(viewer.tool) || event.button !== 0) return false;
    const point = viewer.filmPoint([event.clientX, event.clientY]);
    if (!inside(point)) return false;
    this.current = { kind: viewer.tool, points: [point, point] };
    this.pointer = event.pointerId;
    viewer.stage.addEventListener("pointerup", () => this.ends(), { once: true });
    return true;
  }

  goesOn(viewer, event) {
    if (!this.current || event.pointerId !== this.pointer) return false;
    const point = viewer.filmPoint([event.clientX, event.clientY]);
    if (!inside(point)) return true;
    if (this.current.kind === "box") this.current.points[1] = point;
    else this.current.points.push(point);
    this.draw();
    return true;
  }

  ends() {
    const [first, ...rest] = this.current?.points ?? [];
    const moved = rest.some((point) => Math.hypot(point[0] - first[0], point[1] - first[1]) > 0.005);
    if (moved) this.own.push(this.current);
    this.current = null;
    this.keep();
  }

  undo() {
    this.own.pop();
    this.keep();
  }

  clear() {
    this.own = [];
    this.keep();
  }

  keep() {
    const short = this.own.map((mark) => ({ kind: mark.kind, points: mark.points.map((point) => point.map((value) => Number(value.toFixed(4)))) }));
    field.value = JSON.stringify(short);
    for (const name of ["undo", "clear"]) this.viewer.part(name).disabled = short.length === 0;
    this.draw();
  }

  show(marks) {
    this.shown = marks;
    this.draw();
  }

  draw() {
    const { width, height } = this.viewer.canvas.getBoundingClientRect();
    this.layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const all = [...this.shown.map((mark) => [mark, "other"]), ...this.own.map((mark) => [mark, "own"])];
    if (this.current) all.push([this.current, "own"]);
    this.layer.replaceChildren(...all.map(([mark, name]) => this.shape(mark, name)).filter(Boolean));
  }

  shape(mark, name) {
    const points = mark.points.map((point) => this.viewer.stagePoint(point));
    if (points.some((point) => !point)) return null;
    const line = document.createElementNS(SVG, "polyline");
    const [[x1, y1], [x2, y2]] = points;
    const corners = mark.kind === "box" ? [[x1, y1], [x2, y1], [x2, y2], [x1, y2], [x1, y1]] : points;
    line.setAttribute("points", corners.map((point) => point.join(",")).join(" "));
    line.setAttribute("class", name);
    return line;
  }
}

function inside(point) {
  return Boolean(point) && point.every((value) => value >= 0 && value <= 1);
}

function begin() {
  const marks = new Marks(root.viewer);
  root.marks = marks;
  for (const name of ["undo", "clear"]) root.viewer.part(name).addEventListener("click", () => marks[name]());
  for (const tool of root.querySelectorAll("[data-tool]")) {
    tool.addEventListener("change", () => root.viewer.stage.scrollIntoView({ block: "nearest" }));
  }
  for (const button of document.querySelectorAll("[data-shows]")) {
    button.addEventListener("click", () => {
      const isShown = button.getAttribute("aria-pressed") === "true";
      for (const other of document.querySelectorAll("[data-shows]")) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", String(!isShown));
      marks.show(isShown ? [] : JSON.parse(button.dataset.shows));
    });
  }
}

if (form && root) {
  if (root.classList.contains("ready")) begin();
  else root.addEventListener("viewer-ready", begin);
}
