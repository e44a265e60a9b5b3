const ratings = DATA.start.slice();
const sliders = [], given = [], predicted = [];

for (const name of Object.keys(DATA.nodes)) byId("node").add(new Option(name));

DATA.rated.forEach(({source, name}, i) => {
  const slider = make("input", {id: `rating-${i}`, type: "range", min: DATA.lowest, max: DATA.highest, step: 0.1});
  const value = make("output", {htmlFor: slider.id});
  slider.addEventListener("input", () => { ratings[i] = Number(slider.value); update(); });
  sliders.push(slider); given.push(value);
  const caption = make("figcaption", {}, make("label", {htmlFor: slider.id, textContent: name}), slider, value);
  byId("rated").append(make("figure", {}, make("img", {src: source, alt: ""}), caption));
});

DATA.new.forEach(({source, name}) => {
  const value = make("output", {"aria-live": "off"});
  predicted.push(value);
  const caption = make("figcaption", {}, make("span", {textContent: name}), value);
  byId("new").append(make("figure", {}, make("img", {src: source, alt: ""}), caption));
});

function prediction(j) {
  const sensitivity = DATA.nodes[byId("node").value];
  return ratings.reduce((sum, rating, i) => sum + rating * sensitivity[i][j], 0);
}

function update() {
  ratings.forEach((rating, i) => { sliders[i].value = rating; given[i].value = rating.toFixed(1); });
  predicted.forEach((output, j) => { output.value = prediction(j).toFixed(2); });
}

function begin(start) {
  start.forEach((rating, i) => { ratings[i] = rating; });
  update();
}

byId("node").addEventListener("change", update);
byId("by-class").addEventListener("click", () => begin(DATA.start));
byId("level").addEventListener("click", () => begin(DATA.start.map(() => DATA.level)));
update();
