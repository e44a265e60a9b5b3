"""Study 3: manifold analyses of stored coordinates as tidy tables."""

import warnings
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from repgeom.measures.capacity import WeakCentreWarning, analyse_layers
from repgeom.measures.conic_capacity import conic_capacity
from repgeom.measures.participation_ratio import participation_ratio
from repgeom.measures.simulated_capacity import simulated_capacity
from repgeom.measures.uncertainty import wilson_interval

REFERENCE_MODE = {"k": "reference", "dim": "reference"}
"""Options under which the published implementation's numbers come out."""

SAME_IMAGES = ", same images"
"""What the name of a quantity ends with whose reference was measured on the very images of our run."""

OVER_DRAWS = ", over draws of images"
"""What the name of a quantity ends with that is a median over random choices of images."""

CAPACITY_COLUMNS = {
    "analysis": "which model and stimuli",
    "node": "where in the network",
    "epoch": "epochs trained; empty for the last",
    "capacity": "manifold capacity α_M, pooled harmonically over classes",
    "capacity_se": "its Monte-Carlo standard error",
    "radius": "mean manifold radius R_M, in units of each centre's norm",
    "radius_se": "its Monte-Carlo standard error",
    "radius_median": "median over classes, which a class without a centre of its own does not inflate",
    "radius_sd": "standard deviation over classes",
    "dimension": "mean manifold dimension D_M",
    "dimension_se": "its Monte-Carlo standard error",
    "dimension_median": "median over classes",
    "dimension_sd": "standard deviation over classes",
    "dimension_name": "prx: E(t·ŝ)²; reference: as published analyses, depends on the frame",
    "centre_correlation": "mean |correlation| of class centres ρ",
    "centre_correlation_se": "its standard error, by the jackknife over classes",
    "centre_correlation_floor": "what uncorrelated centres would have, 1/(P − 1)",
    "centre_correlation_residual": "ρ after k shared directions are projected out",
    "k": "shared directions of the centres that are projected out",
    "weak_centres": "classes whose residual centre all but vanishes",
    "kkt_residual": "largest violation of the optimality conditions in any projection",
    "participation_ratio": "participation ratio of all points",
    "note": "what to mind (classes whose centre all but vanishes)",
}


DIRECT_COLUMNS = {
    "analysis": CAPACITY_COLUMNS["analysis"],
    "epoch": CAPACITY_COLUMNS["epoch"],
    "node": CAPACITY_COLUMNS["node"],
    "conic_capacity": "P / E‖Π t‖², Π on the cone of all signed points (centred on their mean)",
    "conic_capacity_se": "its Monte-Carlo standard error",
    "simulated_capacity": "P / dimensions in which half of all dichotomies are separable; empty if all do not suffice",
    "simulated_capacity_se": "its bootstrap standard error over dichotomies",
    "n_dimensions": "dimensions that the points span",
    "bound": "P / n_dimensions: the least that conic capacity can be; an empty simulated capacity lies below",
}

DRAW_COLUMNS = {
    "draw": "which random choice of images",
    "mode": "configured: the options of the configuration; reference: those of the published implementation",
    **{name: text for name, text in CAPACITY_COLUMNS.items() if name not in ("analysis", "epoch")},
}


def clouds_of(coordinates: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """The points of every class, classes in ascending order."""
    return [coordinates[labels == label] for label in np.unique(labels)]


def capacity_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, options: dict, context: dict) -> list[dict]:
    """One row per layer.

    Parameters
    ----------
    layers : dict of (n, c)
        Node (or any name) → uncentred coordinates.
    labels : (n,)
    options : dict
        `margin, draws, k, dim, seed`, as in the configuration.
    context : dict
        Further columns.
    """
    clouds = {name: clouds_of(x, labels) for name, x in layers.items()}
    names = {"margin": "margin", "draws": "n_draws", "k": "k", "dim": "dim", "seed": "seed"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", WeakCentreWarning)
        found = analyse_layers(clouds, **{names[key]: value for key, value in options.items()})
    notes = [str(w.message) for w in caught if issubclass(w.category, WeakCentreWarning)]
    return [
        context
        | {"node": name, **analysis.summary()}
        | {"participation_ratio": participation_ratio(layers[name])}
        | {"note": "; ".join(n for n in notes if repr(name) in n)}
        for name, analysis in found.items()
    ]


def direct_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, options: dict, context: dict) -> list[dict]:
    """One row per layer: capacity by conic projection and by simulation.

    Parameters
    ----------
    layers : dict of (n, c)
        Node (or any name) → coordinates centred on their mean.
    labels : (n,)
    options : dict
        `conic_draws, dichotomies, seed`, as in the configuration.
    context : dict
        Further columns.
    """
    rows = []
    for name, coordinates in layers.items():
        clouds = clouds_of(coordinates, labels)
        conic = conic_capacity(clouds, n_draws=options["conic_draws"], seed=options["seed"])
        simulated = simulated_capacity(clouds, n_dichotomies=options["dichotomies"], seed=options["seed"])
        n_dimensions = np.linalg.matrix_rank(coordinates)
        rows.append(
            context
            | {"node": name, "conic_capacity": conic.capacity, "conic_capacity_se": conic.capacity_se}
            | {"simulated_capacity": simulated.capacity, "simulated_capacity_se": simulated.capacity_se}
            | {"n_dimensions": n_dimensions, "bound": len(clouds) / n_dimensions}
        )
    return rows


def draw_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, options: dict, draw: int) -> list[dict]:
    """`capacity_rows` of one draw of images, with the options given and in reference mode."""
    modes = {"configured": options, "reference": options | REFERENCE_MODE}
    return [
        row
        for mode, chosen in modes.items()
        for row in capacity_rows(layers, labels, chosen, {"draw": draw, "mode": mode})
    ]


QUANTITIES = {
    "capacity": "capacity",
    "radius": "radius",
    "dimension": "dimension",
    "centre_correlation": "centre correlation",
}


def reproduced_quantities(
    table: pd.DataFrame, draws: pd.DataFrame, history: pd.DataFrame, n_test: int, references: pd.DataFrame
) -> dict[str, tuple]:
    """Quantity → (value, low, high) under the names of the reference table.

    Parameters
    ----------
    table : DataFrame
        `capacity_rows` of the last epoch, in reference mode; intervals are ± 1.96 standard errors.
    draws : DataFrame
        Rows of `draw_rows`: the median over draws, and the values between which 95 % of them lie.
    history : DataFrame
        Test accuracy after every epoch, with the interval for `n_test` images; training accuracy after the first and
        the last.
    references : DataFrame
        Names in `quantity`; one that ends with `SAME_IMAGES` stands beside our value of the same name without it.
    """
    ours = _of_nodes(table) | _over_draws(draws)
    repeated = references.loc[references["quantity"].str.endswith(SAME_IMAGES), "quantity"]
    ours |= {name: ours[base] for name in repeated if (base := name.removesuffix(SAME_IMAGES)) in ours}
    return ours | _accuracies(history, n_test)


def with_draws(references: pd.DataFrame) -> pd.DataFrame:
    """The references, those of manifolds also beside our medians over draws of images."""
    manifold = references["quantity"].str.contains(" at ") & ~references["quantity"].str.endswith(SAME_IMAGES)
    repeated = references[manifold].assign(quantity=references["quantity"] + OVER_DRAWS)
    return pd.concat([references, repeated], ignore_index=True)


def reference_values(references: pd.DataFrame, dataset: str, nodes: Iterable[str]) -> dict[tuple[str, str], float]:
    """(column of the capacity table, node) → published value, where there is one for this dataset."""
    found = references[references["dataset"] == dataset].set_index("quantity")["reference"]
    names = {(name, node): f"{spoken} at {node}" for name, spoken in QUANTITIES.items() for node in nodes}
    return {key: float(found[quantity]) for key, quantity in names.items() if quantity in found.index}


def _of_nodes(table: pd.DataFrame) -> dict[str, tuple]:
    found = {}
    for _, row in table.iterrows():
        for name, spoken in QUANTITIES.items():
            half = 1.96 * row[f"{name}_se"]
            found[f"{spoken} at {row['node']}"] = (row[name], row[name] - half, row[name] + half)
    return found


def _over_draws(draws: pd.DataFrame) -> dict[str, tuple]:
    reference = draws[draws["mode"] == "reference"]
    return {
        f"{spoken} at {node}{OVER_DRAWS}": tuple(part[name].quantile([0.5, 0.025, 0.975]))
        for node, part in reference.groupby("node", sort=False)
        for name, spoken in QUANTITIES.items()
    }


def _accuracies(history: pd.DataFrame, n_test: int) -> dict[str, tuple]:
    trained = history[history["epoch"] > 0]
    tested = {
        f"test accuracy after epoch {int(epoch)}": (share, *wilson_interval(round(share * n_test), n_test))
        for epoch, share in zip(trained["epoch"], trained["test_accuracy"], strict=True)
    }
    first_and_last = trained.iloc[[0, -1]]
    return tested | {
        f"training accuracy after epoch {int(epoch)}": (share, None, None)
        for epoch, share in zip(first_and_last["epoch"], first_and_last["train_accuracy"], strict=True)
    }
