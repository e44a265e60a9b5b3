"""Page with a slider over epochs: the representational similarity matrix and the loss."""

from collections.abc import Sequence

import numpy as np

from repgeom.pages.page import page

BODY = """
<p>Representational similarity HHᵀ of the items in the hidden layer while the network learns. The slider
(arrow keys work) chooses the epoch.</p>
<p><label>Epoch <output id="epoch"></output><input id="slider" type="range" min="0" value="0"></label></p>
<p>Mean squared error <output id="loss"></output></p>
<table id="rsm" aria-live="polite"></table>
<style>#rsm td { width: 3.2em; height: 3.2em; text-align: center; font-size: 11px; } #rsm th { font-weight: 500;
text-align: right; font-size: 13px; } #rsm thead th { text-align: center; }</style>
"""

SCRIPT = """
const byId = id => document.getElementById(id);
const table = byId("rsm"), cells = [];
const head = table.createTHead().insertRow();
head.append(document.createElement("th"));
for (const item of DATA.items) { const th = document.createElement("th"); th.textContent = item; head.append(th); }
const body = table.createTBody();
DATA.items.forEach((item, i) => {
  const row = body.insertRow(), th = document.createElement("th"); th.textContent = item; row.append(th);
  cells.push(DATA.items.map(() => row.insertCell()));
});
function show(k) {
  byId("epoch").value = DATA.epochs[k];
  byId("loss").value = DATA.loss[k].toFixed(3);
  DATA.rsm[k].forEach((row, i) => row.forEach((value, j) => {
    const cell = cells[i][j], share = value / DATA.largest;
    const [r, g, b] = share >= 0 ? [230, 97, 1] : [94, 60, 153];
    cell.style.background = `rgba(${r}, ${g}, ${b}, ${Math.min(1, Math.abs(share))})`;
    cell.textContent = value.toFixed(2);
  }));
}
byId("slider").max = DATA.epochs.length - 1;
byId("slider").oninput = e => show(Number(e.target.value));
show(0);
"""


def rsm_page(rsm: np.ndarray, epochs: np.ndarray, loss: np.ndarray, items: Sequence[str]) -> str:
    """The page as text.

    Parameters
    ----------
    rsm : (n, items, items)
        HHᵀ at every recorded epoch.
    epochs, loss : (n,)
    items : names
    """
    data = {
        "items": list(items),
        "epochs": [int(e) for e in epochs],
        "loss": np.round(loss, 5).tolist(),
        "rsm": np.round(rsm, 4).tolist(),
        "largest": float(np.abs(rsm).max()),
    }
    return page("Similarity of items while a deep linear network learns", BODY, data, SCRIPT)
