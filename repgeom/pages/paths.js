const SVG = "http://www.w3.org/2000/svg", WIDTH = 600, MARGIN = 45, RADIUS = 6;
const INPUT = 0, LABELS = DATA.points.length - 1, STAR_POINTS = 5, SIGNIFICANT = 3;
const state = {path: 0, place: 0};
const marks = new Map();

const [xs, ys] = [0, 1].map(axis => DATA.points.map(point => point[axis]));
const spread = Math.max(...xs) - Math.min(...xs) || 1;
const scale = (WIDTH - 2 * MARGIN) / spread;
const height = (Math.max(...ys) - Math.min(...ys)) * scale + 2 * MARGIN;
const x = i => MARGIN + (xs[i] - Math.min(...xs)) * scale;
const y = i => height - MARGIN - (ys[i] - Math.min(...ys)) * scale;

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  byId("map").append(element);
  return element;
}

function star(i) {
  const corner = k => {
    const angle = Math.PI * k / STAR_POINTS - Math.PI / 2, radius = (k % 2 ? 0.45 : 1.5) * RADIUS;
    return `${x(i) + radius * Math.cos(angle)},${y(i) + radius * Math.sin(angle)}`;
  };
  return draw("polygon", {class: "node", points: Array.from({length: 2 * STAR_POINTS}, (_, k) => corner(k)).join(" ")});
}

function mark(i, path, place, element) {
  marks.set(`${path},${place}`, element);
  element.dataset.place = `${path},${place}`;
  element.addEventListener("pointerenter", () => choose(path, place));
}

/** A path, with the labels as the place that it leads towards. */
const places = path => [...DATA.paths[path].nodes, LABELS];

function drawMap() {
  byId("map").setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  DATA.paths.forEach(({colour, nodes}) => draw("polyline", {points: nodes.map(i => `${x(i)},${y(i)}`).join(" "), stroke: colour}));
  DATA.paths.forEach(({colour, nodes}, path) => nodes.forEach((i, place) => {
    if (place) mark(i, path, place, draw("circle", {class: "node", cx: x(i), cy: y(i), r: RADIUS, fill: colour}));
  }));
  const input = draw("rect", {class: "node", x: x(INPUT) - RADIUS, y: y(INPUT) - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS});
  const labels = star(LABELS);
  for (const element of [input, labels]) element.setAttribute("fill", "var(--mark)");
  DATA.paths.forEach((_, path) => { marks.set(`${path},0`, input); marks.set(`${path},${places(path).length - 1}`, labels); });
  input.addEventListener("pointerenter", () => choose(state.path, 0));
  labels.addEventListener("pointerenter", () => choose(state.path, places(state.path).length - 1));
}

const told = draw("text", {"text-anchor": "middle"});

function number(value) {
  return value === undefined ? "–" : String(Number(value.toPrecision(SIGNIFICANT)));
}

async function choose(path, place) {
  if (path !== state.path || !byId("node").options.length) {
    byId("node").replaceChildren(...places(path).map((i, k) => new Option(DATA.nodes[i], k)));
  }
  [state.path, state.place] = [path, place];
  byId("path").value = path;
  byId("node").value = place;
  const i = places(path)[place], before = place && i !== LABELS ? places(path)[place - 1] : undefined;
  const whose = i === INPUT || i === LABELS ? "" : `${DATA.paths[path].label}, `;
  byId("name").textContent = whose + DATA.nodes[i];
  byId("from-input").textContent = number(DATA.distances[i][INPUT]);
  byId("from-before").textContent = number(before === undefined ? undefined : DATA.distances[i][before]);
  byId("from-labels").textContent = number(DATA.distances[i][LABELS]);
  marks.forEach(element => element.classList.remove("chosen"));
  const chosen = marks.get(`${path},${place}`);
  chosen.classList.add("chosen");
  byId("map").append(chosen, told);
  told.textContent = DATA.nodes[i];
  told.setAttribute("x", x(i)); told.setAttribute("y", y(i) - 2 * RADIUS);
  const {rdm, values} = {rdm: DATA.rdms[i], values: await unpack(DATA.rdms[i])};
  if (i !== places(state.path)[state.place]) return;
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  drawMatrix(byId("matrix"), values, DATA.n, shares(values, largest, false), DATA.colours);
  byId("largest").value = inUnits(largest, rdm);
}

function step(by) {
  const last = places(state.path).length - 1;
  return choose(state.path, Math.min(Math.max(state.place + by, 0), last));
}

drawMap();
byId("map").append(told);
byId("path").append(...DATA.paths.map(({label}, path) => new Option(label, path)));
const labels = [...new Set(DATA.paths.map(({label, colour}) => JSON.stringify([label.replace(/, seed .*/, ""), colour])))];
byId("legend").append(...labels.map(text => {
  const [label, colour] = JSON.parse(text), sample = make("span");
  sample.style.background = colour;
  return make("li", {}, sample, label);
}));
byId("path").addEventListener("change", event => choose(Number(event.target.value), Math.min(state.place, places(Number(event.target.value)).length - 1)));
byId("node").addEventListener("change", event => choose(state.path, Number(event.target.value)));
byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
choose(0, 1).then(() => { document.body.dataset.ready = "yes"; });
