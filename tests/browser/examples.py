"""One page of every kind, from small arrays made by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from repgeom.measures.generalisation import generalise
from repgeom.measures.path import join_paths
from repgeom.pages.generalisation import generalisation_page, ratings_by_class
from repgeom.pages.index import figure_card, index_page
from repgeom.pages.metamers import metamers_page
from repgeom.pages.paths import paths_page
from repgeom.pages.rdms import Node, ShownNetwork, rdms_page
from repgeom.pages.rsm import rsm_page

RNG = np.random.default_rng(0)
TRICKY = "<b>A & \"B\"</b> <script>alert(1)</script> 'é'"
"""A label as a user may write it."""

RATED, NEW = RNG.normal(size=(10, 40)) + 3, RNG.normal(size=(5, 40)) + 3
NODES = {"conv1": generalise(RATED, NEW), "fc2": generalise(RATED**2, NEW**2)}
EPOCHS = np.arange(31)
LOSS = 1 / (1 + np.exp(EPOCHS - 10.0))
RSM = RNG.normal(size=(31, 8, 8))
N = 30
RDMS = {
    "first": {f"layer{i}": pdist(RNG.normal(size=(N, 4)), "sqeuclidean") for i in range(3)},
    "second": {f"layer{i}": 1000 * pdist(RNG.normal(size=(N, 4)), "sqeuclidean") for i in range(2)},
}
CLASSES = np.repeat(np.arange(5), 6)
PATH_RDMS = {
    name: {"input": RDMS["first"]["layer0"]} | {f"node{i}": pdist(RNG.normal(size=(N, 3))) for i in range(1, 4)}
    for name in ("a", "b")
}
PATHS = join_paths(PATH_RDMS, CLASSES)
POINTS = RNG.normal(size=(len(PATHS.rdms), 2))
DISSIMILARITY = np.abs(RNG.normal(size=(len(PATHS.rdms), len(PATHS.rdms))))
SNAPSHOTS = [0, 4]
METAMERS = {
    f"{node}_{stage}": RNG.random((4, 1, 8, 8)) for node in ("conv", "fc") for stage in ("step0", "step4", "best")
} | {"originals": RNG.random((4, 1, 8, 8)), "conv_loss": RNG.random((11, 4)) + 1, "fc_loss": RNG.random((11, 4))}
METAMER_ROWS = pd.DataFrame(
    {"node": node, "id": f"image{i}", "label": i, "start": 0, "predicted": i, "held_out": (i + 1) % 4,
     "pixel_correlation": 0.1 * i + 0.01} for node in ("conv", "fc") for i in range(4)
)  # fmt: skip
REPRODUCTION_TABLES = ["tables/reproduction.csv", "tables/one_study/reproduction.csv"]
REPRODUCTION = pd.DataFrame(
    {"study": "one_study", "quantity": ["accuracy", TRICKY], "dataset": "mnist", "ours": [0.98765, 2.0], "low": [0.98, np.nan],
     "high": [0.99, np.nan], "interval": ["95 % Wilson", None], "reference": [0.9812, np.nan], "source": ["a paper", None]}
)  # fmt: skip
CONFIGURATION = {
    "own": False,
    "differences": [{"key": "models.a.label", "default": "a", "here": TRICKY}],
    "text": f"label: {TRICKY}\n",
}


def images(n: int) -> np.ndarray:
    """Grey images that differ from each other."""
    return np.linspace(0, 1, n)[:, None, None] * np.ones((n, 8, 8))


def generalisation() -> str:
    """Ten rated and five new images at two nodes."""
    return generalisation_page(
        NODES, images(10), images(5), ("0123456789", "01234"), ratings_by_class(np.arange(10)), "standard, seed 1"
    )


def rsm() -> str:
    """Eight items over thirty epochs."""
    return rsm_page(RSM, EPOCHS, LOSS, list("abcdefgh"), "seed 1")


def rdms() -> str:
    """Two networks, of which one has a layer over time."""
    ids, classes = [f"id{i}" for i in range(N)], [f"class {c}" for c in CLASSES]
    steps = [
        Node("layer0", "", RDMS["first"]["layer0"]),
        *(Node("rnn", f"t = {i}", RDMS["first"][f"layer{i}"]) for i in (1, 2)),
    ]
    other = [Node(name, "", rdm) for name, rdm in RDMS["second"].items()]
    shown = [ShownNetwork(name, nodes, ids, classes, images(N)) for name, nodes in ((TRICKY, steps), ("second", other))]
    return rdms_page(shown, "Pearson distance (1 − r)", TRICKY)


def paths() -> str:
    """Two paths of three nodes after their input."""
    looks = {"a": {"label": TRICKY, "colour": "#0072B2"}, "b": {"label": "second", "colour": "#D55E00"}}
    return paths_page(PATHS, POINTS, DISSIMILARITY, CLASSES, looks, "1 − cosine similarity", "two paths")


def metamers() -> str:
    """Four originals, two nodes."""
    return metamers_page(
        METAMERS, METAMER_ROWS, {i: f"class {i}" for i in range(10)}, ["conv", "fc"], SNAPSHOTS, "standard"
    )


def index(folder: Path) -> str:
    """Two figures of one study; their files lie below `folder`."""
    from repgeom.figures.style import new_figure, save_figure
    from repgeom.store.provenance import Provenance

    cards = []
    for name in ("one", "two_words"):
        files = {"png": f"figures/one_study/{name}.png", "pdf": f"figures/one_study/{name}.pdf"}
        figure = new_figure()
        figure.subplots().plot([0, 1])
        made = Provenance("rdms_figure", {"analysis": f"one_study/{name}"}, {"options": {"measure": TRICKY}}, "f" * 16)
        save_figure(figure, *(folder / file for file in files.values()), provenance=made)
        cards.append(
            figure_card(folder, name, TRICKY, files, "RDMs ({{ snakemake.params.options.measure }}).\n\nMade by rule x")
        )
    made = {"machine": "this one", "time": "2 s"}
    return index_page({"one_study": cards}, REPRODUCTION, REPRODUCTION_TABLES, CONFIGURATION, made)
