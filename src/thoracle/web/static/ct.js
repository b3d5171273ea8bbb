// The viewer of a scan: NiiVue shows the volume in three planes and in 3-D; the mask is its drawing layer,
// so that what is shown is what is corrected. Time is counted only while somebody draws.

const { Niivue, SLICE_TYPE, DRAG_MODE } = globalThis.niivue;

const PLANES = { all: SLICE_TYPE.MULTIPLANAR, axial: SLICE_TYPE.AXIAL, coronal: SLICE_TYPE.CORONAL, sagittal: SLICE_TYPE.SAGITTAL, render: SLICE_TYPE.RENDER };
const COLORS = [[0, 0, 0], [74, 144, 217], [245, 176, 38], [220, 50, 120]]; // background, lung, ground glass, consolidation
const IDLE_MS = 30_000; // after half a minute without a hand on the scan, nobody is drawing
const NARROW = 480; // CSS pixels: below, four pictures would be stamps

const root = document.getElementById("ct");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const config = JSON.parse(root.querySelector("script[type='application/json']").textContent);

class Stopwatch {
  constructor(tell) {
    this.spent = 0;
    this.last = null;
    this.tell = tell;
  }

  touch() {
    const now = performance.now();
    if (this.last !== null) this.spent += Math.min(now - this.last, IDLE_MS);
    this.last = now;
    this.tell(this.minutes);
  }

  get minutes() {
    return this.spent / 60_000;
  }
}

class CtViewer {
  constructor() {
    this.stage = root.querySelector(".stage");
    this.canvas = root.querySelector("canvas");
    this.isDrawing = false;
    this.isChanged = false;
  }

  async start() {
    this.nv = new Niivue({
      backColor: [0.03, 0.05, 0.07, 1],
      crosshairColor: [0.49, 0.77, 0.91, 0.7],
      crosshairWidth: 0.3,
      crosshairWidthUnit: "percent",
      dragAndDropEnabled: false,
      dragMode: DRAG_MODE.pan,
      isColorbar: false,
      isNearestInterpolation: false,
      isRadiologicalConvention: true,
      isResizeCanvas: true,
      loadingText: "",
      logLevel: "error",
      multiplanarShowRender: 1,
      show3Dcrosshair: false,
      tileMargin: 0,
    });
    this.nv.onLocationChange = (place) => this.tellPlace(place);
    this.nv.onDrawingChanged = () => { this.isChanged = true; };
    await this.nv.attachToCanvas(this.canvas);
    await this.nv.loadVolumes([{ url: config.volume, colormap: "gray", cal_min: config.window[0], cal_max: config.window[1] }]);
    this.volume = this.nv.volumes[0];
    this.nv.setPenValue(0, false);
    if (!(await this.nv.loadDrawingFromUrl(config.mask))) throw new Error("the mask does not fit the volume");
    this.nv.setDrawingEnabled(false);
    this.showLabels();
    this.nv.setDrawOpacity(this.opacity);
    this.goToLargest();
    const isNarrow = this.stage.clientWidth < NARROW;
    if (isNarrow) root.querySelector("[data-plane='axial']").checked = true;
    this.showPlane(isNarrow ? "axial" : "all");
    this.listen();
    root.classList.add("shown", "ready");
  }

  // Where the most infection is, there the cross stands at first. Searched in the drawing's own order.
  goToLargest() {
    const [, columns, rows, slices] = this.nv.back.dimsRAS;
    const labels = this.nv.drawBitmap;
    let best = [0, Math.floor(slices / 2), 0, 0];
    for (let z = 0; z < slices; z += 1) {
      let [count, x, y] = [0, 0, 0];
      for (let i = 0; i < rows * columns; i += 1) {
        if (labels[z * rows * columns + i] < 2) continue;
        count += 1;
        x += i % columns;
        y += Math.floor(i / columns);
      }
      if (count > best[0]) best = [count, z, x / count, y / count];
    }
    const [count, z, x, y] = best;
    const here = count ? [(x + 0.5) / columns, (y + 0.5) / rows] : [0.5, 0.5];
    this.nv.scene.crosshairPos = [...here, (z + 0.5) / slices];
    this.nv.createOnLocationChange();
  }

  // What is shown ---------------------------------------------------------------------------------

  get opacity() {
    return Number(part("opacity").value) / 100;
  }

  showLabels() {
    const shown = COLORS.map((_, label) => label > 0 && root.querySelector(`[data-label="${label}"]`).checked);
    const channel = (i) => COLORS.map((color) => color[i]);
    this.nv.setDrawColormap({ R: channel(0), G: channel(1), B: channel(2), A: shown.map((is) => (is ? 255 : 0)), I: COLORS.map((_, i) => i), labels: COLORS.map((_, i) => String(i)) });
    this.nv.drawScene();
  }

  showPlane(name) {
    this.nv.setSliceType(PLANES[name]);
    this.nv.drawScene();
  }

  showWindow(value) {
    const [low, high] = value === "all" ? [this.volume.global_min, this.volume.global_max] : value.split(",").map(Number);
    this.volume.cal_min = low;
    this.volume.cal_max = high;
    this.nv.updateGLVolume();
  }

  tellPlace(place) {
    const [x, y, z] = place.mm;
    const number = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 0 });
    const hu = place.values?.[0]?.value;
    part("place").textContent = `${number(x)} · ${number(y)} · ${number(z)} mm${hu === undefined ? "" : ` · ${number(hu)} HU`}`;
  }

  step(by) {
    const dims = this.nv.back.dimsRAS;
    const axis = { coronal: 1, sagittal: 0 }[this.plane] ?? 2;
    const place = [...this.nv.scene.crosshairPos];
    place[axis] = Math.min(Math.max(place[axis] + by / dims[axis + 1], 0.5 / dims[axis + 1]), 1 - 0.5 / dims[axis + 1]);
    this.nv.scene.crosshairPos = place;
    this.nv.createOnLocationChange();
    this.nv.drawScene();
  }

  get plane() {
    return root.querySelector("[data-plane]:checked").dataset.plane;
  }

  choosePlane(by) {
    const all = [...root.querySelectorAll("[data-plane]")];
    const next = all[(all.findIndex((one) => one.checked) + by + all.length) % all.length];
    next.checked = true;
    this.showPlane(next.dataset.plane);
  }

  // Drawing -----------------------------------------------------------------------------------------

  begin() {
    this.isDrawing = true;
    part("begin").hidden = true;
    part("tools").hidden = false;
    this.watch = new Stopwatch((minutes) => { part("time").textContent = part("time").dataset.text.replace("{minutes}", this.printed(minutes)); });
    this.watch.touch();
    if (this.plane === "all" || this.plane === "render") {
      root.querySelector("[data-plane='axial']").checked = true;
      this.showPlane("axial");
    }
    this.nv.setDrawingEnabled(true);
    this.nv.drawAddUndoBitmap();
    this.isChanged = false;
    this.stage.scrollIntoView({ block: "nearest" });
    this.pen();
  }

  printed(minutes) {
    return minutes.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  }

  pen() {
    const value = Number(root.querySelector("[data-pen]:checked").dataset.pen);
    this.nv.opts.penSize = Number(part("size").value);
    this.nv.setPenValue(value, value > 0 && part("fill").checked);
  }

  discard() {
    if (this.isChanged && !globalThis.confirm(part("discard").dataset.ask)) return;
    this.isChanged = false;
    location.reload();
  }

  async save() {
    const said = part("said");
    this.watch.touch();
    part("save").disabled = true;
    said.textContent = said.dataset.saving;
    const failed = (why) => {
      said.textContent = said.dataset.failed.replace("{why}", why);
      part("save").disabled = false;
    };
    try {
      const file = await this.nv.saveImage({ filename: "", isSaveDrawing: true });
      const query = new URLSearchParams({ parent_id: config.mask_id, minutes: this.watch.minutes.toFixed(2) });
      const answer = await fetch(`${config.save}?${query}`, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      const body = await answer.json();
      if (!answer.ok) return failed(body.detail ?? answer.status);
      this.isChanged = false;
      location.assign(`${config.page}?mask=${body.id}`);
    } catch {
      failed(said.dataset.lost);
    }
  }

  listen() {
    for (const one of root.querySelectorAll("[data-plane]")) one.addEventListener("change", () => this.showPlane(one.dataset.plane));
    for (const one of root.querySelectorAll("[data-label]")) one.addEventListener("change", () => this.showLabels());
    for (const one of root.querySelectorAll("[data-pen]")) one.addEventListener("change", () => this.pen());
    part("opacity").addEventListener("input", () => this.nv.setDrawOpacity(this.opacity));
    part("window").addEventListener("change", (event) => this.showWindow(event.target.value));
    part("begin").addEventListener("click", () => this.begin());
    part("size").addEventListener("input", () => this.pen());
    part("fill").addEventListener("change", () => this.pen());
    part("undo").addEventListener("click", () => this.nv.drawUndo());
    part("save").addEventListener("click", () => this.save());
    part("discard").addEventListener("click", () => this.discard());
    for (const kind of ["pointerdown", "pointermove", "wheel", "keydown"]) {
      this.stage.addEventListener(kind, () => this.isDrawing && this.watch.touch(), { passive: true });
    }
    this.stage.addEventListener("keydown", (event) => {
      const actions = { ArrowUp: () => this.step(1), ArrowDown: () => this.step(-1), ArrowLeft: () => this.choosePlane(-1), ArrowRight: () => this.choosePlane(1) };
      const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    });
    globalThis.addEventListener("beforeunload", (event) => this.isDrawing && this.isChanged && event.preventDefault());
  }
}

async function begin() {
  if (!document.createElement("canvas").getContext("webgl2")) return root.classList.add("without");
  const viewer = new CtViewer();
  root.viewer = viewer;
  try {
    await viewer.start();
  } catch (error) {
    root.classList.add("without");
    console.error(error);
  }
}

await begin();
