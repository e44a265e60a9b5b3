"""Study 3: reference numbers of manifold analyses."""

from collections.abc import Iterable

import pandas as pd

from repgeom.measures.uncertainty import wilson_interval

SAME_IMAGES = ", same images"
"""What the name of a quantity ends with whose reference was measured on the very images of our run."""

OVER_DRAWS = ", over draws of images"
"""What the name of a quantity ends with that is a median over random choices of images."""

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
        Test accuracy after every epoch, with the interval for `n_test` images.
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
    return {
        f"test accuracy after epoch {int(epoch)}": (share, *wilson_interval(round(share * n_test), n_test))
        for epoch, share in zip(trained["epoch"], trained["test_accuracy"], strict=True)
    }
