"""Page with sliders: rate some images, see what the network predicts for new ones."""

import numpy as np

from repgeom.measures.generalisation import Generalisation
from repgeom.pages.page import data_uri, page

LOWEST, HIGHEST, START = 1, 10, 5
DIGITS = 9

BODY = """
<p>Rate each image (1–10) for anything you like: how much a digit leans, say. Ridge regression on the activations of the
chosen node predicts the ratings of new images. Predictions are linear in the ratings, so what you see is exact.</p>
<p><label>Node <select id="node"></select></label> <button id="reset">reset ratings</button></p>
<section aria-label="ratings" id="rated" class="grid"></section>
<h2>Predicted for new images</h2>
<section aria-label="predicted ratings" id="new" class="grid" aria-live="polite"></section>
<style>.grid { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem; } img { width: 100%; }</style>
"""

SCRIPT = """
const byId = id => document.getElementById(id);
const ratings = DATA.start.slice();
const figure = (source, alt) => {
  const f = document.createElement("figure"), img = document.createElement("img");
  img.src = source; img.alt = alt; f.append(img); return f;
};
for (const name of Object.keys(DATA.nodes)) byId("node").add(new Option(name));
DATA.rated.forEach((source, i) => {
  const f = figure(source, `rated image ${i}, class ${DATA.classes[i]}`);
  const slider = document.createElement("input"), value = document.createElement("output");
  Object.assign(slider, {type: "range", min: DATA.lowest, max: DATA.highest, step: 0.1, value: ratings[i]});
  slider.setAttribute("aria-label", `rating of image ${i}`);
  slider.oninput = () => { ratings[i] = Number(slider.value); update(); };
  f.append(slider, value); byId("rated").append(f);
});
DATA.new.forEach((source, j) => {
  const f = figure(source, `new image ${j}`); f.append(document.createElement("output")); byId("new").append(f);
});
function predictions() {
  const sensitivity = DATA.nodes[byId("node").value];
  return DATA.new.map((_, j) => ratings.reduce((sum, rating, i) => sum + rating * sensitivity[i][j], 0));
}
function update() {
  byId("rated").querySelectorAll("output").forEach((o, i) => o.value = ratings[i].toFixed(1));
  const predicted = predictions();
  byId("new").querySelectorAll("output").forEach((o, j) => o.value = predicted[j].toFixed(3));
}
byId("node").onchange = update;
byId("reset").onclick = () => {
  DATA.start.forEach((r, i) => ratings[i] = r);
  byId("rated").querySelectorAll("input").forEach((s, i) => s.value = ratings[i]);
  update();
};
update();
"""


def generalisation_page(
    nodes: dict[str, Generalisation], rated: np.ndarray, new: np.ndarray, classes: np.ndarray
) -> str:
    """The page as text.

    Parameters
    ----------
    nodes : dict
        Node → regression from the m rated to the t new images; the page holds its sensitivities.
    rated, new : (m, h, w) and (t, h, w) arrays in [0, 1], or (…, h, w, 3) in colour
    classes : (m,)
        Classes of the rated images.
    """
    data = {
        "nodes": {node: np.round(found.sensitivity, DIGITS).tolist() for node, found in nodes.items()},
        "rated": [data_uri(image) for image in rated],
        "new": [data_uri(image) for image in new],
        "classes": [int(c) for c in classes],
        "lowest": LOWEST,
        "highest": HIGHEST,
        "start": [START] * len(rated),
    }
    return page("Generalisation by similarity", BODY, data, SCRIPT)
