// Live breathing: keeps tiles up to date, and says so loudly when they are not.

import { filled, Tile } from "./monitor_tile.js";

const STALE_MS = 3500; // three seconds without a word, and a little
const RETRY_MS = 2000;
const URGENCY = ["apnea", "slow", "fast", "pattern", "signal"];
const texts = JSON.parse(document.getElementById("texts").textContent);
const monitor = document.getElementById("monitor");
const streams = document.getElementById("streams");
const back = document.getElementById("back");
const tiles = new Map();
let heard = null;
let said = new Map();

function clock(moment) {
  return moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function choose(name) {
  history.replaceState(null, "", name === null ? location.pathname : `#${encodeURIComponent(name)}`);
  for (const [key, tile] of tiles) tile.root.classList.toggle("large", key === name);
  const isOne = name !== null && tiles.has(name);
  streams.classList.toggle("one", isOne);
  back.hidden = !isOne;
  for (const tile of tiles.values()) tile.trace.draw();
  if (isOne) back.firstElementChild.focus();
}

function remove(name) {
  tiles.get(name)?.root.remove();
  tiles.delete(name);
  if (streams.classList.contains("one")) choose(null);
  showEmpty();
}

function showEmpty() {
  document.getElementById("empty").hidden = tiles.size > 0;
}

function add(name) {
  const tile = new Tile(name, texts, { onOpen: choose, onRemove: remove });
  tiles.set(name, tile);
  const after = [...streams.children].find((one) => one.dataset.stream.localeCompare(name) > 0);
  streams.insertBefore(tile.root, after ?? null);
  if (decodeURIComponent(location.hash.slice(1)) === name) choose(name);
  return tile;
}

function take(update) {
  heard = Date.now();
  setLink("live");
  const now = new Set();
  for (const view of update.streams) {
    const known = tiles.get(view.name);
    now.add(view.name);
    // A stream that began anew under an old name has no points of the one before.
    (known ?? add(view.name)).show(view, update.is_whole || !known);
  }
  const time = clock(new Date());
  for (const [name, tile] of tiles) if (!now.has(name)) tile.end(time);
  showEmpty();
  showAlarms();
}

function showAlarms() {
  const found = [...tiles.values()].flatMap((tile) => tile.alarms.map((alarm) => ({ tile, alarm })));
  found.sort((a, b) => URGENCY.indexOf(a.alarm.code) - URGENCY.indexOf(b.alarm.code) || a.tile.name.localeCompare(b.tile.name));
  document.getElementById("no-alarm").hidden = found.length > 0;
  const list = document.getElementById("alarms");
  const keys = found.map(({ tile, alarm }) => `${alarm.code} ${tile.name}`);
  const old = [...list.children];
  if (keys.join("\n") !== old.map((one) => one.dataset.key).join("\n")) {
    const at = list.contains(document.activeElement) ? document.activeElement.parentElement.dataset.key : null;
    list.replaceChildren(...found.map(({ tile, alarm }, place) => alarmLine(tile, alarm, keys[place])));
    [...list.children].find((one) => one.dataset.key === at)?.firstElementChild.focus();
  }
  found.forEach(({ tile, alarm }, place) => {
    list.children[place].firstElementChild.textContent = `${tile.name}: ${tile.said(alarm)}${tile.isSimulated ? ` (${texts.simulated})` : ""}`;
  });
  announce();
}

function alarmLine(tile, alarm, key) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  line.dataset.key = key;
  button.type = "button";
  button.className = `alarm ${alarm.code}`;
  button.addEventListener("click", () => choose(tile.name));
  line.append(button);
  return line;
}

function announce() {
  const polite = [];
  const assertive = [];
  const told = new Map();
  for (const tile of tiles.values()) {
    const codes = tile.alarms.map((one) => one.code);
    const before = said.get(tile.name) ?? [];
    told.set(tile.name, codes);
    if (codes.join() === before.join()) continue;
    const fresh = codes.filter((code) => !before.includes(code));
    if (fresh.length) {
      const words = filled(texts.begins, { name: tile.name, alarms: fresh.map((code) => texts.alarms[code]).join(", ") });
      (fresh.includes("apnea") ? assertive : polite).push(words);
    } else if (!codes.length) polite.push(filled(texts.ends, { name: tile.name }));
  }
  said = told;
  if (assertive.length) document.getElementById("assertive").textContent = assertive.join(". ");
  if (polite.length) document.getElementById("polite").textContent = polite.join(". ");
}

function setLink(state) {
  if (monitor.classList.contains(state)) return;
  monitor.classList.remove("connecting", "live", "stale");
  monitor.classList.add(state);
  const time = clock(new Date(heard ?? Date.now()));
  document.getElementById("link").textContent = state === "live" ? texts.live : filled(texts.stale, { time });
}

function watch() {
  if (heard !== null && Date.now() - heard > STALE_MS) setLink("stale");
}

function connect() {
  const address = new URL(monitor.dataset.live, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  let lastWord = Date.now();
  let isOver = false;
  const again = () => {
    if (isOver) return;
    isOver = true;
    clearInterval(silence);
    heard ??= Date.now() - STALE_MS;
    setLink("stale");
    setTimeout(connect, RETRY_MS);
  };
  // A connection that is dead without having been closed says nothing: a new one is tried.
  const silence = setInterval(() => {
    if (Date.now() - lastWord < 2 * STALE_MS) return;
    socket.close();
    again();
  }, 1000);
  socket.addEventListener("message", (event) => {
    if (isOver) return;
    lastWord = Date.now();
    const update = JSON.parse(event.data);
    if (update.error) location.reload(); // signed out: the server leads to the login
    else take(update);
  });
  socket.addEventListener("close", again);
}

back.firstElementChild.addEventListener("click", () => choose(null));
addEventListener("resize", () => tiles.forEach((tile) => tile.trace.draw()));
setInterval(watch, 500);
connect();
