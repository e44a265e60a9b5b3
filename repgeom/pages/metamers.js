const SVG = "http://www.w3.org/2000/svg", FRAME = {left: 50, right: 310, top: 12, bottom: 145};

const chosen = () => Number(byId("choice").value);
const node = () => DATA.nodes[Number(byId("node").value)];

function add(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  byId("loss").append(element);
}

function drawLoss(steps, losses) {
  const logs = losses.map(loss => Math.log10(Math.max(loss, Number.MIN_VALUE)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)], last = steps.at(-1) || 1;
  const x = step => FRAME.left + (FRAME.right - FRAME.left) * step / last;
  const y = log => FRAME.bottom - (FRAME.bottom - FRAME.top) * (log - low) / (high - low || 1);
  byId("loss").replaceChildren();
  add("line", {x1: FRAME.left, x2: FRAME.right, y1: FRAME.bottom, y2: FRAME.bottom});
  add("line", {x1: FRAME.left, x2: FRAME.left, y1: FRAME.top, y2: FRAME.bottom});
  add("path", {d: "M" + logs.map((log, k) => `${x(steps[k]).toFixed(1)},${y(log).toFixed(1)}`).join("L")});
  add("text", {x: FRAME.left - 4, y: FRAME.top + 6, "text-anchor": "end"}, (10 ** high).toPrecision(2));
  add("text", {x: FRAME.left - 4, y: FRAME.bottom, "text-anchor": "end"}, (10 ** low).toPrecision(2));
  add("text", {x: FRAME.left, y: 162}, "0");
  add("text", {x: FRAME.right, y: 162, "text-anchor": "end"}, last);
  add("text", {x: (FRAME.left + FRAME.right) / 2, y: 176, "text-anchor": "middle"}, "step");
  byId("first").value = losses[0].toPrecision(3);
  byId("lowest").value = Math.min(...losses).toPrecision(3);
}

function show() {
  const {stages, sheets, steps, loss, rows, name} = node(), i = chosen(), stage = Number(byId("stage").value);
  showTile(byId("original"), DATA.originals, i, `Original: ${DATA.choices[i]}`);
  showTile(byId("metamer"), sheets[stage], i, `Metamer of ${name}, ${stages[stage]}`);
  byId("metamer-name").textContent = `metamer of ${name}, ${stages[stage]}`;
  byId("stage-name").value = stages[stage];
  byId("label").textContent = rows[i].label;
  byId("predicted").textContent = rows[i].predicted;
  byId("held-out").textContent = rows[i].held_out;
  byId("correlation").textContent = rows[i].pixel_correlation.toFixed(2);
  drawLoss(steps, loss[i]);
}

byId("choice").append(...DATA.choices.map((text, i) => new Option(text, i)));
byId("node").append(...DATA.nodes.map(({name}, i) => new Option(name, i)));
byId("stage").max = DATA.nodes[0].stages.length - 1;
byId("stage").value = byId("stage").max;
for (const control of ["choice", "node", "stage"]) byId(control).addEventListener("input", show);
show();
document.body.dataset.ready = "yes";
