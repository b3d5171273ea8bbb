// One stream on the page: what is told of it in words and numbers, and its trace.

import { Trace } from "./monitor_trace.js";

const ATTENTION = new Set(["slow", "fast", "pattern"]);

function element(kind, name, text = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

export function filled(text, values) {
  return Object.entries(values).reduce((said, [key, value]) => said.replaceAll(`{${key}}`, value), text);
}

export class Tile {
  constructor(name, texts, { onOpen, onRemove }) {
    this.name = name;
    this.texts = texts;
    this.alarms = [];
    this.root = element("article", "stream");
    this.root.dataset.stream = name;
    const head = element("div", "head");
    this.open = element("button", "btn btn-link btn-sm p-0 open", "⤢");
    this.open.type = "button";
    this.open.setAttribute("aria-label", filled(texts.large, { name }));
    this.open.addEventListener("click", () => onOpen(name));
    this.title = element("h2", "", name);
    head.append(this.title, this.open);
    this.mark = element("p", "no-patient", texts.simulated);
    this.state = element("p", "state");
    this.list = element("ul", "told");
    this.frame = element("div", "frame");
    const canvas = element("canvas", "");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", filled(texts.trace, { name }));
    this.trace = new Trace(canvas);
    this.frame.append(canvas, element("span", "old", texts.stale_mark));
    this.frame.addEventListener("click", () => onOpen(name));
    this.remove = element("button", "btn btn-outline-primary btn-sm mt-2", texts.remove);
    this.remove.type = "button";
    this.remove.hidden = true;
    this.remove.addEventListener("click", () => onRemove(name));
    this.root.append(head, this.mark, this.state, this.list, this.frame, this.numbers(), this.remove);
  }

  numbers() {
    const { texts } = this;
    const table = element("dl", "told");
    const line = (title, kind = "", into = table) => {
      const value = element("dd", kind, "–");
      into.append(element("dt", "", title), value);
      return value;
    };
    this.rate = line(texts.rate, "rate");
    this.since = line(texts.since);
    this.pattern = line(texts.pattern);
    const more = element("div", "more");
    this.quality = line(texts.quality, "", more);
    this.sensor = line(texts.sensor, "", more);
    table.append(more);
    return table;
  }

  show(view, isWhole) {
    const { texts } = this;
    const status = view.status;
    this.trace.take(view.trace, view.trace_hz, view.trace_span, isWhole);
    this.isSimulated = view.is_simulated;
    this.mark.hidden = !view.is_simulated;
    this.state.textContent = this.stateOf(view);
    this.rate.textContent = status?.rate_per_minute == null ? "–" : status.rate_per_minute.toFixed(0);
    this.since.textContent = status?.since_breath_s == null ? "–" : `${status.since_breath_s.toFixed(0)} s`;
    this.pattern.textContent = status?.pattern ? texts.patterns[status.pattern] : "–";
    this.quality.textContent = status?.quality == null ? "–" : `${Math.round(100 * status.quality)} %`;
    this.root.querySelector(".old").textContent = texts.stale_mark;
    this.sensor.textContent = `${texts.sensors[view.sensor]}, ${view.rate_hz} Hz`;
    this.alarms = (status?.alarms ?? []).map((one) => ({ code: one.code, seconds: Math.round(status.time_s - one.since_s) }));
    this.list.replaceChildren(...this.alarms.map((one) => element("li", `alarm ${one.code}`, this.said(one))));
    const classes = { simulated: view.is_simulated, lost: view.is_lost, urgent: this.has("apnea"), attention: this.alarms.some((one) => ATTENTION.has(one.code)), ended: false };
    for (const [name, holds] of Object.entries(classes)) this.root.classList.toggle(name, holds);
    this.remove.hidden = true;
    this.trace.draw();
  }

  stateOf(view) {
    if (view.is_lost) return `${this.texts.lost}. ${filled(this.texts.silent, { seconds: view.silent_s.toFixed(0) })}`;
    return view.silent_s >= 3 ? filled(this.texts.silent, { seconds: view.silent_s.toFixed(0) }) : "";
  }

  has(code) {
    return this.alarms.some((one) => one.code === code);
  }

  said(alarm) {
    return filled(this.texts.alarm_since, { alarm: this.texts.alarms[alarm.code], seconds: alarm.seconds });
  }

  end(time) {
    if (this.root.classList.contains("ended")) return;
    this.alarms = [];
    this.list.replaceChildren();
    this.root.classList.remove("urgent", "attention", "lost");
    this.root.classList.add("ended");
    this.state.textContent = filled(this.texts.ended, { time });
    this.root.querySelector(".old").textContent = this.state.textContent;
    this.remove.hidden = false;
  }
}
