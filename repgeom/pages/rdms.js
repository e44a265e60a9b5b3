const STEP_MS = 900;
const state = {network: 0, layer: 0, step: 0, row: 0, column: 1};
const unpacked = new Map();
let drawn = null;

const network = () => DATA.networks[state.network];
const stimuli = () => DATA.stimuli[network().stimuli];
const layers = () => [...new Set(network().nodes.map(node => node.layer))];
const steps = () => network().nodes.filter(node => node.layer === layers()[state.layer]);
const node = () => steps()[state.step];
const size = () => stimuli().ids.length;

const packedOf = of => DATA.rdms[of.rdm];

async function values(of) {
  if (!unpacked.has(of.rdm)) unpacked.set(of.rdm, await unpack(packedOf(of)));
  return unpacked.get(of.rdm);
}

function largest(numbers) {
  return numbers.reduce((most, value) => Math.max(most, value), 0);
}

/** The largest of all RDMs of the network, in steps of one of them. */
async function sharedLargest(unit) {
  const all = await Promise.all(network().nodes.map(async of => largest(await values(of)) * packedOf(of).unit));
  return Math.ceil(largest(all) / unit);
}

async function draw() {
  const shown = node(), numbers = await values(shown), scale = byId("scale").value;
  const end = scale === "shared" ? await sharedLargest(packedOf(shown).unit) : largest(numbers);
  if (shown !== node()) return;
  drawMatrix(byId("matrix"), numbers, size(), shares(numbers, end, scale === "rank"), DATA.colours);
  byId("largest").value = scale === "rank" ? "highest rank" : inUnits(end, packedOf(shown));
  drawn = shown;
  await tell();
}

async function dissimilarity(of) {
  const {row, column} = state;
  return row === column ? 0 : (await values(of))[pairOf(row, column, size())];
}

function describe(i) {
  return `${stimuli().classes[i]}, ${stimuli().ids[i]}`;
}

async function tell() {
  const {row, column} = state, shown = node(), n = size();
  for (const [place, i, input] of [["first", row, "row"], ["second", column, "column"]]) {
    showTile(byId(place), stimuli().sheet, i, describe(i));
    byId(`${place}-name`).value = describe(i);
    byId(input).value = i + 1;
    byId(input).max = n;
  }
  Object.assign(byId("cross").style, {
    left: `${100 * (column + 0.5) / n}%`, top: `${100 * (row + 0.5) / n}%`, width: `${100 / n}%`, height: `${100 / n}%`,
  });
  const found = await Promise.all(network().nodes.map(dissimilarity));
  if (row !== state.row || column !== state.column || shown !== node()) return;
  const units = network().nodes.map((of, k) => found[k] * packedOf(of).unit), most = largest(units) || 1;
  byId("value").textContent = inUnits(found[network().nodes.indexOf(shown)], packedOf(shown));
  byId("what").textContent = `between row ${row + 1} and column ${column + 1} at ${shown.name}`;
  byId("nodes").replaceChildren(...network().nodes.map((of, k) => make("tr", {className: of === shown ? "chosen" : ""},
    make("th", {textContent: of.name, scope: "row"}),
    make("td", {className: "number", textContent: inUnits(found[k], packedOf(of))}),
    make("td", {}, bar(units[k] / most)))));
}

function bar(share) {
  const length = make("div", {className: "length"});
  length.style.width = `${100 * share}%`;
  return length;
}

function move(row, column) {
  const inside = i => Math.min(Math.max(Math.round(i) || 0, 0), size() - 1);
  [state.row, state.column] = [inside(row), inside(column)];
  return tell();
}

/** Fill the controls with what the chosen network has, keeping the layer and step where it has them. */
function choose() {
  byId("layer").replaceChildren(...layers().map((layer, i) => new Option(layer, i)));
  state.layer = Math.min(state.layer, layers().length - 1);
  state.step = Math.min(state.step, steps().length - 1);
  byId("layer").value = state.layer;
  byId("time").hidden = steps().length === 1;
  byId("step").max = steps().length - 1;
  byId("step").value = state.step;
  byId("now").value = node().time;
  [state.row, state.column] = [state.row, state.column].map(i => Math.min(i, size() - 1));
  return draw();
}

let timer = null;
function play() {
  if (timer !== null) { clearInterval(timer); timer = null; }
  else timer = setInterval(() => { state.step = (state.step + 1) % steps().length; choose(); }, STEP_MS);
  byId("play").textContent = timer === null ? "play" : "pause";
}

function drawColours() {
  const context = byId("colours").getContext("2d");
  DATA.colours.forEach((colour, i) => { context.fillStyle = `rgb(${colour})`; context.fillRect(i, 0, 1, 1); });
}

const ARROWS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
byId("network").append(...DATA.networks.map(({name}, i) => new Option(name, i)));
byId("network").addEventListener("change", event => { state.network = Number(event.target.value); choose(); });
byId("layer").addEventListener("change", event => { state.layer = Number(event.target.value); choose(); });
byId("step").addEventListener("input", event => { state.step = Number(event.target.value); choose(); });
byId("scale").addEventListener("change", draw);
byId("play").addEventListener("click", play);
byId("row").addEventListener("change", event => move(event.target.value - 1, state.column));
byId("column").addEventListener("change", event => move(state.row, event.target.value - 1));
byId("matrix").addEventListener("pointermove", event => {
  const box = event.target.getBoundingClientRect(), n = size();
  move(Math.floor(n * (event.clientY - box.top) / box.height), Math.floor(n * (event.clientX - box.left) / box.width));
});
byId("matrix").addEventListener("keydown", event => {
  if (!(event.key in ARROWS)) return;
  event.preventDefault();
  const [down, right] = ARROWS[event.key], by = event.shiftKey ? 10 : 1;
  move(state.row + by * down, state.column + by * right);
});
drawColours();
choose().then(() => { document.body.dataset.ready = "yes"; });
