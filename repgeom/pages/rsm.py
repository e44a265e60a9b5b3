"""Page with a slider over epochs: the representational similarity matrix and the loss."""

from collections.abc import Sequence

import numpy as np

from repgeom.pages.page import page


def rsm_page(rsm: np.ndarray, epochs: np.ndarray, loss: np.ndarray, items: Sequence[str], about: str = "") -> str:
    """The page as text.

    Parameters
    ----------
    rsm : (n, items, items)
        HHᵀ at every recorded epoch.
    epochs, loss : (n,)
    items : names
    about : str
        Which network, on what data.
    """
    data = {
        "items": list(items),
        "epochs": [int(e) for e in epochs],
        "loss": np.round(loss, 5).tolist(),
        "rsm": np.round(rsm, 4).tolist(),
        "largest": float(np.abs(rsm).max()),
        "start": halfway(loss),
    }
    return page("rsm.html", "Similarity of items while a deep linear network learns", about, data)


def halfway(loss: np.ndarray) -> int:
    """Where a loss has first fallen by half of what it falls in all."""
    return int(np.argmax(loss <= (loss[0] + loss.min()) / 2))
