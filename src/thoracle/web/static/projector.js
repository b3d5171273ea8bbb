// The training films as points in three dimensions: shape is the finding, color what is asked for.

const texts = JSON.parse(document.getElementById("texts").textContent);
const frame = document.querySelector("[data-films]");
const space = document.getElementById("space");
const layout = document.getElementById("layout");
const color = document.getElementById("color");
const chosen = document.getElementById("chosen");
const SYMBOLS = ["circle", "square", "diamond"];
// Okabe and Ito: told apart with any color vision. Findings have the colors of the result page.
const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a6d00", "#5e3c99", "#444444", "#b0b0b0"];
const FINDINGS = ["#1e8449", "#1f5fa8", "#b3261e"];

const answer = await fetch(frame.dataset.films, { headers: { Accept: "application/json" } });
const films = await answer.json();

function hasWebgl() {
  return Boolean(document.createElement("canvas").getContext("webgl"));
}

function told(place) {
  return ["finding", "source", "age", "error"]
    .map((key) => `${texts[key]}: ${films.groups[key].names[films.groups[key].of[place]]}`)
    .join(" · ");
}

function traces() {
  const [x, y, z] = films.layouts[layout.value];
  const group = films.groups[color.value];
  const palette = color.value === "finding" ? FINDINGS : COLORS;
  const made = group.names.map((name, index) => {
    const places = group.of.flatMap((one, place) => (one === index ? [place] : []));
    return {
      type: "scatter3d",
      mode: "markers",
      name: `${name} (${places.length})`,
      x: places.map((one) => x[one]),
      y: places.map((one) => y[one]),
      z: places.map((one) => z[one]),
      customdata: places,
      text: places.map(told),
      hovertemplate: "%{text}<extra></extra>",
      marker: {
        size: 3.5,
        opacity: films.own ? 0.4 : 0.85,
        color: palette[index % palette.length],
        symbol: places.map((one) => SYMBOLS[films.groups.finding.of[one] % SYMBOLS.length]),
      },
    };
  });
  if (films.own) made.push(...ownTraces([x, y, z]));
  return made;
}

function ownTraces(axes) {
  const own = films.own[layout.value];
  const lines = axes.map((axis, index) => films.own.neighbors.flatMap((one) => [own[index], axis[one], null]));
  return [
    { type: "scatter3d", mode: "lines", name: "", showlegend: false, hoverinfo: "skip", x: lines[0], y: lines[1], z: lines[2], line: { color: "#16232f", width: 2 } },
    { type: "scatter3d", mode: "markers+text", name: texts.own, text: [texts.own], textposition: "top center", textfont: { size: 15, color: "#000000" }, hovertemplate: `${texts.own}<extra></extra>`, x: [own[0]], y: [own[1]], z: [own[2]], marker: { symbol: "cross", size: 11, color: "#000000" } },
  ];
}

function draw() {
  const axis = { title: { text: "" }, showticklabels: false, backgroundcolor: "#f3f6f8", showbackground: true, gridcolor: "#d7dee5" };
  window.Plotly.react(
    space,
    traces(),
    {
      margin: { l: 0, r: 0, t: 0, b: 0 },
      scene: { xaxis: axis, yaxis: axis, zaxis: axis, dragmode: "orbit" },
      legend: { orientation: "h", y: -0.02, itemsizing: "constant", font: { size: 13 } },
      uirevision: layout.value, // keeps the view while colors change
      paper_bgcolor: "#ffffff",
    },
    { displayModeBar: false, responsive: true },
  );
}

if (hasWebgl()) {
  draw();
  layout.addEventListener("change", draw);
  color.addEventListener("change", draw);
  space.on("plotly_click", (event) => {
    const place = event.points[0]?.customdata;
    chosen.textContent = place === undefined ? texts.own : `${texts.chosen}: ${told(place)}`;
  });
  space.classList.add("ready");
} else {
  space.textContent = texts.webgl;
}
