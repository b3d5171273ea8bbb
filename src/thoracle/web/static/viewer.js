// The viewer of a film: NiiVue draws film, map and rim of the lungs; this module handles mouse, touch,
// keys and controls. Every element with `data-viewer` becomes one viewer, fed by the JSON inside it.

const { Niivue, SLICE_TYPE } = globalThis.niivue;

const COLORS = ["inferno", "viridis", "magma", "plasma", "hot", "cividis", "warm", "jet"];
const RIM = { R: [0, 90], G: [0, 190], B: [0, 255], A: [0, 255], I: [0, 255] };
const RIM_OPACITY = 0.8;
const ZOOM_MAX = 16;
const STEP = 0.05; // of the film's range, for a key that changes the window
const MOVE = 0.04; // of the film's width, for an arrow key

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// The printed overlays' colors, three bytes each in hexadecimal, as NiiVue takes a color map.
function stops(table) {
  const bytes = table.match(/../g).map((two) => parseInt(two, 16));
  const every = (from) => bytes.filter((_, place) => place % 3 === from);
  const places = every(0).map((_, place) => place);
  return { R: every(0), G: every(1), B: every(2), A: places.map((place) => Math.min(place, 1) * 255), I: places };
}

export class Viewer {
  constructor(root) {
    this.root = root;
    this.config = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    this.stage = root.querySelector(".stage");
    this.canvas = root.querySelector("canvas");
    this.pointers = new Map();
    this.zoom = 1;
    this.x = this.y = 0.5;
    this.isInverted = false;
    this.listeners = new Set();
  }

  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  // The film's picture is on the screen before the viewer takes the browser's time.
  async showFirst() {
    await this.root.querySelector(".first")?.decode().catch(() => {});
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  }

  async start() {
    this.nv = new Niivue({
      backColor: [0.03, 0.05, 0.07, 1],
      crosshairWidth: 0,
      isOrientationTextVisible: false,
      isColorbar: false,
      interactive: false,
      dragAndDropEnabled: false,
      isResizeCanvas: true,
      isSliceMM: true,
      loadingText: "",
      logLevel: "error",
      show3Dcrosshair: false,
      tileMargin: 0,
    });
    await this.nv.attachToCanvas(this.canvas);
    this.nv.addColormap("rim", RIM);
    for (const [name, table] of Object.entries(this.config.tables)) this.nv.addColormap(name, stops(table));
    this.nv.setSliceType(SLICE_TYPE.AXIAL);
    await this.nv.loadVolumes([{ url: this.config.film, colormap: "gray" }]);
    this.film = this.nv.volumes[0];
    [this.low, this.high] = this.config.window ?? [this.film.global_min, this.film.global_max];
    if (this.high <= this.low) this.high = this.low + 1;
    this.home = [this.low, this.high];
    this.listen();
    this.applyWindow();
    this.root.classList.add("shown");
    await this.atOnce(async () => {
      if (this.config.rim) this.rim = await this.nv.addVolumeFromUrl({ url: this.config.rim, colormap: "rim", cal_min: 0.4, cal_max: 1, opacity: RIM_OPACITY });
      await this.showMap();
    });
    this.root.classList.add("ready");
    this.root.dispatchEvent(new CustomEvent("viewer-ready", { bubbles: true }));
  }

  // Blending takes NiiVue seconds for a large film without a graphics card: do it once, not per layer.
  async atOnce(change) {
    if (Object.hasOwn(this.nv, "updateGLVolume")) return change(); // inside another change
    this.nv.updateGLVolume = () => {};
    try {
      await change();
    } finally {
      delete this.nv.updateGLVolume;
      this.nv.updateGLVolume();
    }
  }

  // What is shown ---------------------------------------------------------------------------------

  chosen() {
    const value = (name) => this.part(name)?.value;
    const fits = (one) => one.label === null || (one.label === value("finding") && one.layer === value("layer"));
    return this.config.maps.find((one) => one.method === value("method") && fits(one));
  }

  // One change after the other: loading takes a while, and who uses the viewer does not wait for it.
  showMap() {
    this.changes = (this.changes ?? Promise.resolve()).catch(() => {}).then(() => this.change());
    return this.changes;
  }

  async change() {
    const chosen = this.chosen();
    const map = this.part("annotated")?.checked ? chosen : undefined;
    for (const name of ["finding", "layer"]) { // the anomaly map is of no finding and no layer
      if (this.part(name)) this.part(name).disabled = chosen?.label === null;
    }
    await this.atOnce(async () => {
      if (this.rim) this.rim.opacity = this.part("outline")?.checked ? RIM_OPACITY : 0;
      if (this.map && this.map.from !== map) this.removeMap();
      if (map && !this.map) await this.addMap(map);
      if (this.map) {
        this.map.volume.colormap = this.color;
        this.map.volume.opacity = this.opacity;
      }
    });
    this.drawScale(map);
    const note = this.part("share");
    if (note) note.textContent = map?.share ?? "";
    this.redraw();
  }

  // The color says the value from zero to the top, as on the color bar. Its opacity rises with the
  // value too, up to `full_at`, as on printed overlays: NiiVue takes it from a second volume, which
  // is not drawn itself. Its own colormapType fades with the square, and not up to the opacity.
  async addMap(map) {
    const volume = await this.nv.addVolumeFromUrl({ url: map.url, colormap: this.color, opacity: this.opacity, cal_min: 0, cal_max: map.scale_max });
    const fade = volume.clone();
    fade.opacity = 0;
    fade.cal_min = 0;
    fade.cal_max = map.full_at;
    this.nv.addVolume(fade);
    if (this.rim) this.nv.setVolume(this.rim, this.nv.volumes.length - 1); // drawn last, on top
    this.nv.setModulationImage(volume.id, fade.id, 1);
    this.map = { from: map, volume, fade };
  }

  removeMap() {
    for (const one of [this.map.fade, this.map.volume]) this.nv.removeVolume(one);
    this.map = undefined;
  }

  get color() {
    return this.part("colors")?.value ?? COLORS[0];
  }

  get opacity() {
    return Number(this.part("opacity")?.value ?? 55) / 100;
  }

  drawScale(map) {
    const bar = this.part("scale");
    if (!bar) return;
    bar.hidden = !map;
    if (!map) return;
    const picture = bar.querySelector("canvas");
    const pen = picture.getContext("2d");
    const table = this.nv.colormap(this.color);
    const row = pen.createImageData(256, 1);
    row.data.set(table);
    for (let i = 3; i < row.data.length; i += 4) row.data[i] = 255;
    picture.width = 256;
    picture.height = 1;
    pen.putImageData(row, 0, 0);
    bar.querySelector(".unit").textContent = map.unit;
    bar.querySelector(".top").textContent = `≥ ${map.scale_text}`;
  }

  applyWindow() {
    const [low, high] = [Math.min(this.low, this.high), Math.max(this.low, this.high)];
    this.film.cal_min = low;
    this.film.cal_max = high > low ? high : low + 1e-6;
    this.film.colormapInvert = this.isInverted;
    this.nv.updateGLVolume();
    const { bits } = this.config;
    const shown = this.part("window-text");
    if (shown) shown.textContent = `${shown.dataset.level} ${this.shownGrey((low + high) / 2)} · ${shown.dataset.width} ${this.shownGrey(high - low)} · ${bits} bit`;
    this.part("invert")?.setAttribute("aria-pressed", String(this.isInverted));
    this.redraw();
  }

  shownGrey(value) {
    return Math.round(value).toLocaleString(document.documentElement.lang);
  }

  applyView() {
    // NiiVue zooms about the top left corner and moves by millimeters of the unzoomed film; here the
    // view is the point of the film in the middle of the stage.
    const isWhole = this.zoom === 1;
    this.x = isWhole ? 0.5 : clamp(this.x, 0, 1);
    this.y = isWhole ? 0.5 : clamp(this.y, 0, 1);
    this.nv.setPan2Dxyzmm(this.pan());
    this.allowScroll();
    this.redraw();
  }

  pan() {
    const [width, height] = this.config.size_mm;
    return [width * (0.5 - this.zoom * this.x), height * (this.zoom * this.y - 0.5), 0, this.zoom];
  }

  // One finger scrolls the page as long as there is nothing else for it to do.
  allowScroll() {
    const isBusy = this.zoom > 1 || this.tool !== "pan";
    this.stage.style.touchAction = isBusy ? "none" : "pan-y";
  }

  redraw() {
    this.nv.drawScene();
    for (const tell of this.listeners) tell();
  }

  zoomBy(factor, at) {
    const before = at && this.filmPoint(at);
    this.zoom = clamp(this.zoom * factor, 1, ZOOM_MAX);
    this.applyView();
    const after = at && this.filmPoint(at);
    if (before && after) {
      this.x += before[0] - after[0];
      this.y += before[1] - after[1];
      this.applyView();
    }
  }

  reset() {
    this.zoom = 1;
    this.x = this.y = 0.5;
    [this.low, this.high] = this.home;
    this.isInverted = false;
    this.applyWindow();
    this.applyView();
  }

  // Film coordinates: shares of width and height from the top left -----------------------------------

  filmPoint([clientX, clientY]) {
    const box = this.canvas.getBoundingClientRect();
    const ratio = this.canvas.width / box.width;
    const place = this.nv.canvasPos2frac([(clientX - box.left) * ratio, (clientY - box.top) * ratio]);
    if (!(place?.[0] >= 0)) return null;
    return [place[0], 1 - place[1]];
  }

  stagePoint([x, y]) {
    const place = this.nv.frac2canvasPos([x, 1 - y, 0.5]);
    if (!place) return null;
    const ratio = this.canvas.width / this.canvas.getBoundingClientRect().width;
    return [place[0] / ratio, place[1] / ratio];
  }

  // Mouse, touch, keys -------------------------------------------------------------------------------

  listen() {
    const stage = this.stage;
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, (event) => this.pointers.delete(event.pointerId));
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 400), [event.clientX, event.clientY]);
    }, { passive: false });
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("dblclick", () => this.reset());
    this.root.addEventListener("keydown", (event) => {
      const isOwn = event.target.closest("select, input[type='range']") || (event.target.closest("input") && event.key.startsWith("Arrow"));
      if (!isOwn) this.key(event); // else the key is the control's
    });
    for (const name of ["finding", "method", "layer", "colors", "opacity", "annotated", "outline"]) {
      this.part(name)?.addEventListener("input", () => this.showMap());
    }
    const click = (name, action) => this.part(name)?.addEventListener("click", action);
    click("reset", () => this.reset());
    click("invert", () => this.invert());
    click("zoom-in", () => this.zoomBy(1.4));
    click("zoom-out", () => this.zoomBy(1 / 1.4));
    click("full", () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen?.()));
    click("side", () => this.toggleSide());
    document.addEventListener("change", () => this.allowScroll());
    this.allowScroll();
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
  }

  get tool() {
    return this.root.querySelector("[data-tool]:checked")?.dataset.tool ?? "pan";
  }

  down(event) {
    if (event.target.closest("button")) return;
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.stage.focus({ preventScroll: true });
    if (this.drawing?.begins(this, event)) this.pointers.delete(event.pointerId);
  }

  move(event) {
    if (this.drawing?.goesOn(this, event)) return;
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const here = [event.clientX, event.clientY];
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, here);
    if (others.length > 0) return this.pinch(last, here, others[0][1]);
    const isWindow = this.tool === "window" || (event.buttons & 2) === 2;
    if (isWindow) this.dragWindow(here[0] - last[0], here[1] - last[1]);
    else this.dragFilm(last, here);
  }

  pinch(last, here, other) {
    const length = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const middle = [(here[0] + other[0]) / 2, (here[1] + other[1]) / 2];
    this.zoomBy(length(here, other) / Math.max(length(last, other), 1), middle);
  }

  dragFilm(last, here) {
    const from = this.filmPoint(last);
    const to = this.filmPoint(here);
    if (!from || !to) return;
    this.x -= to[0] - from[0];
    this.y -= to[1] - from[1];
    this.applyView();
  }

  dragWindow(dx, dy) {
    const range = this.home[1] - this.home[0];
    this.changeWindow((-dy * range) / 400, (dx * range) / 400);
  }

  changeWindow(level, width) {
    const middle = (this.low + this.high) / 2 + level;
    const half = Math.max((this.high - this.low + width) / 2, (this.home[1] - this.home[0]) / 1000);
    this.low = middle - half;
    this.high = middle + half;
    this.applyWindow();
  }

  invert() {
    this.isInverted = !this.isInverted;
    this.applyWindow();
  }

  toggle(name) {
    const box = this.part(name);
    if (!box) return;
    box.checked = !box.checked;
    this.showMap();
  }

  choose(name, place) {
    const select = this.part(name);
    if (!select || select.options.length === 0) return;
    select.selectedIndex = place === undefined ? (select.selectedIndex + 1) % select.options.length : Math.min(place, select.options.length - 1);
    this.showMap();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEP * (this.home[1] - this.home[0]);
    const slide = (dx, dy) => {
      this.x += (dx * MOVE) / this.zoom;
      this.y += (dy * MOVE) / this.zoom;
      this.applyView();
    };
    const actions = {
      "+": () => this.zoomBy(1.2), "=": () => this.zoomBy(1.2), "-": () => this.zoomBy(1 / 1.2),
      "0": () => this.reset(), i: () => this.invert(), m: () => this.toggle("annotated"), l: () => this.toggle("outline"),
      s: () => this.toggleSide(), c: () => this.choose("colors"),
      "1": () => this.choose("finding", 0), "2": () => this.choose("finding", 1), "3": () => this.choose("finding", 2),
      "[": () => this.changeWindow(-step, 0), "]": () => this.changeWindow(step, 0),
      "{": () => this.changeWindow(0, -step), "}": () => this.changeWindow(0, step),
      ArrowLeft: () => slide(-1, 0), ArrowRight: () => slide(1, 0), ArrowUp: () => slide(0, -1), ArrowDown: () => slide(0, 1),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  // Side by side: the film alone beside the film with its map -------------------------------------------

  async toggleSide() {
    const pair = this.root.querySelector(".pair");
    const plain = pair?.querySelector(".plain");
    if (!plain || this.config.maps.length === 0) return;
    plain.hidden = !plain.hidden;
    pair.classList.toggle("two", !plain.hidden);
    this.part("side")?.setAttribute("aria-pressed", String(!plain.hidden));
    if (!plain.hidden && !this.twin) {
      this.twin = new Twin(this, plain);
      await this.twin.start();
    }
    this.redraw();
  }
}

class Twin {
  constructor(viewer, root) {
    this.viewer = viewer;
    this.canvas = root.querySelector("canvas");
  }

  async start() {
    this.nv = new Niivue({ backColor: [0.03, 0.05, 0.07, 1], crosshairWidth: 0, isOrientationTextVisible: false, interactive: false, dragAndDropEnabled: false, isSliceMM: true, loadingText: "", logLevel: "error", tileMargin: 0 });
    await this.nv.attachToCanvas(this.canvas);
    this.nv.setSliceType(SLICE_TYPE.AXIAL);
    await this.nv.loadVolumes([{ url: this.viewer.config.film, colormap: "gray" }]);
    this.viewer.listeners.add(() => this.follow());
    this.follow();
  }

  follow() {
    if (this.canvas.offsetParent === null) return;
    const { film } = this.viewer;
    const own = this.nv.volumes[0];
    if (own.cal_min !== film.cal_min || own.cal_max !== film.cal_max || own.colormapInvert !== film.colormapInvert) {
      own.cal_min = film.cal_min;
      own.cal_max = film.cal_max;
      own.colormapInvert = film.colormapInvert;
      this.nv.updateGLVolume();
    }
    this.nv.setPan2Dxyzmm(this.viewer.pan());
    this.nv.drawScene();
  }
}

export function hasWebGL() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

export async function startViewers() {
  const started = [];
  for (const root of document.querySelectorAll("[data-viewer]")) {
    if (!hasWebGL()) {
      root.classList.add("without");
      continue;
    }
    const viewer = new Viewer(root);
    root.viewer = viewer;
    started.push(viewer.showFirst().then(() => viewer.start()).catch((error) => {
      root.classList.add("without");
      console.error(error);
    }));
  }
  await Promise.all(started);
}

await startViewers();
