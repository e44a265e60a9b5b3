"""Capacity by conic projection and by simulation, beside that of mean-field theory."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.capacity import GEOMETRY_COLUMNS
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.measures.capacity import conic_capacity, manifolds_of, simulated_capacity

METHOD_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network",
    "conic_capacity": "P / E‖Π t‖², Π on the cone of all signed points (centred on their mean)",
    "conic_capacity_se": "its Monte-Carlo standard error",
    "simulated_capacity": "P / dimensions in which half of all dichotomies are separable; empty if all do not suffice",
    "simulated_capacity_se": "its bootstrap standard error over dichotomies",
    "n_dimensions": "dimensions that the points span",
    "bound": "P / n_dimensions: the least that conic capacity can be; an empty simulated capacity lies below",
    **{name: GEOMETRY_COLUMNS[name] for name in ("capacity", "capacity_se")},
}


def method_rows(layers: Mapping[str, np.ndarray], labels: np.ndarray, options: Mapping) -> Iterator[dict]:
    """Capacity of the classes in each layer by conic projection and by simulation.

    Parameters
    ----------
    layers : dict of (n, c)
        Node → coordinates of the stimuli, centred on their mean.
    labels : (n,)
        Classes of the stimuli.
    options : dict
        `conic_draws, dichotomies, seed`, as in the configuration.
    """
    for node, points in layers.items():
        manifolds, n_dimensions = manifolds_of(points, labels), int(np.linalg.matrix_rank(points))
        conic = conic_capacity(manifolds, n_draws=options["conic_draws"], seed=options["seed"])
        simulated = simulated_capacity(manifolds, n_dichotomies=options["dichotomies"], seed=options["seed"])
        yield {
            "node": node,
            "conic_capacity": conic.capacity,
            "conic_capacity_se": conic.capacity_se,
            "simulated_capacity": simulated.capacity,
            "simulated_capacity_se": simulated.capacity_se,
            "n_dimensions": n_dimensions,
            "bound": len(manifolds) / n_dimensions,
        }


def beside_mean_field(methods: pd.DataFrame, mean_field: pd.DataFrame) -> pd.DataFrame:
    """Rows of `method_rows` with the capacity and its error that `capacity_rows` has for the same network and node."""
    keys = [*NETWORK_COLUMNS, "node"]
    wanted = mean_field[[*keys, "capacity", "capacity_se"]].drop_duplicates(keys)
    return methods.drop_duplicates(keys).merge(wanted, on=keys, how="left", validate="one_to_one")
