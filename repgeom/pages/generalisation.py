"""Page with sliders: rate some images, see what the network predicts for new ones."""

from collections.abc import Sequence

import numpy as np

from repgeom.measures.generalisation import Generalisation
from repgeom.pages.page import data_uri, page

LOWEST, HIGHEST, LEVEL = 1, 10, 5
DIGITS = 9


def generalisation_page(
    nodes: dict[str, Generalisation],
    rated: np.ndarray,
    new: np.ndarray,
    classes: Sequence[Sequence[str]],
    ratings: Sequence[float],
    about: str = "",
) -> str:
    """The page as text.

    Parameters
    ----------
    nodes : dict
        Node → regression from the m rated to the t new images; the page holds its sensitivities.
    rated, new : (m, h, w) and (t, h, w) arrays in [0, 1], or (…, h, w, 3) in colour
    classes : (m,) and (t,)
        What the classes of the rated and of the new images are called.
    ratings : (m,)
        With which the page begins.
    about : str
        Which network, and what it was shown.
    """
    data = {
        "nodes": {node: np.round(found.sensitivity, DIGITS).tolist() for node, found in nodes.items()},
        "rated": _named(rated, classes[0]),
        "new": _named(new, classes[1]),
        "lowest": LOWEST,
        "highest": HIGHEST,
        "level": LEVEL,
        "start": list(ratings),
    }
    return page("generalisation.html", "Generalisation by similarity", about, data)


def ratings_by_class(classes: np.ndarray) -> list[float]:
    """Ratings with which the page begins: the lowest for the first class, the highest for the last, others between."""
    _, places = np.unique(classes, return_inverse=True)
    return np.round(LOWEST + places * (HIGHEST - LOWEST) / max(places.max(), 1), 1).tolist()


def _named(images: np.ndarray, classes: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"source": data_uri(image), "name": f"{i + 1}: class {name}"}
        for i, (image, name) in enumerate(zip(images, classes, strict=True))
    ]
