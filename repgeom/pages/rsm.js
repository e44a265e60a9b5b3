const SVG = "http://www.w3.org/2000/svg", FRAME = {left: 40, right: 310, top: 10, bottom: 165}, STEP_MS = 60;
const NEGATIVE = [94, 60, 153], POSITIVE = [230, 97, 1];
const slider = byId("slider"), last = DATA.epochs.length - 1, cells = [];

function drawTable() {
  const head = byId("rsm").createTHead().insertRow(), body = byId("rsm").createTBody();
  head.append(make("td"), ...DATA.items.map(item => make("th", {textContent: item, scope: "col"})));
  for (const item of DATA.items) {
    const row = body.insertRow();
    row.append(make("th", {textContent: item, scope: "row"}));
    cells.push(DATA.items.map(() => row.insertCell()));
  }
}

/** White at zero, towards orange above and purple below; and black or white, whichever is easier to read on it. */
function colours(share) {
  const weight = Math.min(1, Math.abs(share)), end = share >= 0 ? POSITIVE : NEGATIVE;
  const mixed = end.map(channel => Math.round(255 + (channel - 255) * weight));
  const linear = mixed.map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return [`rgb(${mixed})`, luminance > 0.179 ? "#000" : "#fff"];
}

const largestLoss = Math.max(...DATA.loss);
const x = k => FRAME.left + (FRAME.right - FRAME.left) * DATA.epochs[k] / DATA.epochs[last];
const y = loss => FRAME.bottom - (FRAME.bottom - FRAME.top) * loss / largestLoss;

function part(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  byId("loss").append(element);
  return element;
}

function drawLoss() {
  part("line", {x1: FRAME.left, x2: FRAME.right, y1: FRAME.bottom, y2: FRAME.bottom});
  part("line", {x1: FRAME.left, x2: FRAME.left, y1: FRAME.top, y2: FRAME.bottom});
  part("path", {d: "M" + DATA.loss.map((loss, k) => `${x(k).toFixed(1)},${y(loss).toFixed(1)}`).join("L")});
  part("text", {x: FRAME.left - 4, y: FRAME.top + 8, "text-anchor": "end"}, largestLoss.toFixed(2));
  part("text", {x: FRAME.left - 4, y: FRAME.bottom, "text-anchor": "end"}, "0");
  part("text", {x: FRAME.left, y: 182, "text-anchor": "middle"}, DATA.epochs[0]);
  part("text", {x: FRAME.right, y: 182, "text-anchor": "end"}, DATA.epochs[last]);
  part("text", {x: (FRAME.left + FRAME.right) / 2, y: 196, "text-anchor": "middle"}, "epoch");
}

drawTable();
drawLoss();
const now = part("line", {class: "now", y1: FRAME.top, y2: FRAME.bottom}), dot = part("circle", {r: 4});

function show(k) {
  slider.value = k;
  byId("epoch").value = DATA.epochs[k];
  byId("error").value = DATA.loss[k].toFixed(3);
  now.setAttribute("x1", x(k)); now.setAttribute("x2", x(k));
  dot.setAttribute("cx", x(k)); dot.setAttribute("cy", y(DATA.loss[k]));
  DATA.rsm[k].forEach((row, i) => row.forEach((value, j) => {
    [cells[i][j].style.background, cells[i][j].style.color] = colours(value / DATA.largest);
    cells[i][j].textContent = value.toFixed(2);
  }));
}

let timer = null;
function play() {
  if (timer === null && Number(slider.value) === last) show(0);
  timer = timer === null ? setInterval(step, STEP_MS) : stop();
  byId("play").textContent = timer === null ? "play" : "pause";
}
function stop() { clearInterval(timer); return null; }
function step() {
  if (Number(slider.value) >= last) play();
  else show(Number(slider.value) + 1);
}

slider.max = last;
slider.addEventListener("input", () => show(Number(slider.value)));
byId("play").addEventListener("click", play);
byId("lowest").textContent = `−${DATA.largest.toFixed(2)}`;
byId("highest").textContent = DATA.largest.toFixed(2);
show(DATA.start);
