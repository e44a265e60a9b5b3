"""The numbers of analyses under the names that published ones have in `resources/reference_{study}.csv`."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import over_seeds, proportions, with_intervals
from repgeom.analyses.limits import CAPACITY, DIFFERENCE
from repgeom.analyses.metamers import by_original
from repgeom.analyses.readout import readout_summary
from repgeom.analyses.reproduction import OVER_DRAWS, QUANTITIES
from repgeom.errors import InputError
from repgeom.measures.uncertainty import (
    Estimate,
    draws_estimate,
    mean_estimate,
    mean_of_proportions,
    standard_error_estimate,
    wilson_estimate,
)

NAMES = ("model", "stimuli", "node", "layer", "variable")
"""Columns that hold names, though some may look like numbers."""

DISPARITY = "Procrustes disparity of the paths"
NAMED_BY = {"model": "the network itself", "held_out": "the held-out networks"}
"""Who is asked what a metamer is."""
PROPERTIES = ("location", "orientation", "scale", "category")
"""What is exchanged between canvases; the other variables are parts of these, or differences."""
OVER_IMAGES = ", over images"
"""What the name of a mean over seeds ends with whose interval is over images."""
REACH = {
    "input minus last node": "{first}: input minus last node",
    "first minus other at the last node": "{first} minus {other} at the last node",
}
"""Numbers of paths, and how reference tables call them; `model` is one model, or two: `first and other`."""


def history_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Test accuracy of each model after training; of a single network after every epoch, and in training too."""
    final = table.groupby(["model", "seed"], sort=False)["test_accuracy"].last()
    for model, accuracies in final.groupby("model", sort=False):
        estimate = mean_of_proportions(accuracies, about["n_test"][model], over="seeds")
        yield f"clean accuracy of the {model} model", estimate
    if len(final) == 1:
        yield from _epoch_numbers(table[table["epoch"] > 0], about["n_test"][final.index[0][0]])


def _epoch_numbers(trained: pd.DataFrame, n_test: int | None) -> Iterator[tuple[str, Estimate]]:
    for epoch, share in zip(trained["epoch"], trained["test_accuracy"], strict=True):
        none = Estimate(share, np.nan, np.nan, "none (number of images unknown)")
        estimate = wilson_estimate(round(share * n_test), n_test, over="test images") if n_test else none
        yield f"test accuracy after epoch {int(epoch)}", estimate._replace(value=share)
    for epoch, share in zip(trained["epoch"], trained["train_accuracy"], strict=True):
        spread = Estimate(share, np.nan, np.nan, "none (of the training images, while they are learnt)")
        yield f"training accuracy after epoch {int(epoch)}", spread


def accuracy_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Accuracy of each model on each stimulus set, by the set's label: `attacked accuracy of the … model`.

    What stands behind a comma in the label stands behind one here: `…, 200 images`.
    """
    means = with_intervals(table, ["model", "epoch", "stimuli"], proportions("accuracy", "n"))
    for _, row in means.iterrows():
        what, *more = about["stimuli"][row["stimuli"]].split(", ")
        yield ", ".join([f"{what} accuracy of the {row['model']} model", *more]), _estimate(row)


def path_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """How paths approach the labels; of a map that is laid over another one, how well they fit instead.

    The mean over seeds stands there twice: for further networks and these images, and for these networks and further
    images.
    """
    disparity = table[table["quantity"] == "Procrustes disparity"]
    if len(disparity):
        yield DISPARITY, Estimate(disparity["value"].iloc[0], np.nan, np.nan, "none (one map of each)")
        return
    reach = table[table["quantity"].isin(REACH)]
    of_seeds, of_means = reach[reach["seed"].notna()], reach[reach["seed"].isna()]
    for row, estimate in _means(of_seeds, ["quantity", "model", "epoch"], "value", **DIFFERENCE):
        yield _reach_name(row), estimate
    for _, row in of_means.iterrows():
        yield _reach_name(row) + OVER_IMAGES, Estimate(row["value"], row["low"], row["high"], row["interval"])


def _reach_name(row: pd.Series) -> str:
    first, _, other = row["model"].partition(" and ")
    return REACH[row["quantity"]].format(first=first, other=other)


def capacity_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Manifold geometry at every node; intervals are over seeds, of a single one from its standard error."""
    for name, spoken in QUANTITIES.items():
        found = [_of_standard_error(row, name) for _, row in table.iterrows()]
        ends = table.assign(**pd.DataFrame(found, index=table.index)[["low", "high", "interval"]])
        by = ["model", "epoch", "stimuli", "repetition", "node"]
        for row, estimate in _means(ends, by, name, **CAPACITY[name]):
            yield f"{spoken} at {row['node']}", estimate


def _of_standard_error(row: pd.Series, name: str) -> Estimate:
    what, degrees = "Monte-Carlo (normal)", np.inf
    if name == "centre_correlation":  # left out are classes, of which there are 1 / floor + 1
        what, degrees = "jackknife over classes", 1 / row["centre_correlation_floor"]
    return standard_error_estimate(row[name], row[f"{name}_se"], what, degrees=degrees, **CAPACITY[name])


def draw_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Manifold geometry by the published method: medians over draws, and between which values 95 % of them lie."""
    published = table[table["mode"] == "reference"]
    for node, part in published.groupby("node", sort=False):
        for name, spoken in QUANTITIES.items():
            yield f"{spoken} at {node}{OVER_DRAWS}", draws_estimate(part[name], "draws of images")


def readout_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Accuracy of recurrent networks after the last step, and after every one."""
    last = table[table["timestep"] == table["timestep"].max()]
    yield from summary_numbers(readout_summary(last).assign(timestep=np.nan), about)
    yield from summary_numbers(readout_summary(table), about)


def metamer_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """How much metamers of a node look like their originals, and how many the network and another one still name.

    Starts from the same original are averaged; intervals are over originals.
    """
    for node, rows in table.groupby("node", sort=False):
        originals = by_original(rows)
        correlation = mean_estimate(originals["own"], "originals", lowest=-1, highest=1)
        yield f"pixel correlation of metamers of {node}", correlation
        for column, whom in NAMED_BY.items():
            n = len(originals)
            recognised = wilson_estimate(originals[column].sum(), n, over="originals")
            yield f"metamers of {node} recognised by {whom}", recognised


def summary_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Every row of a table with the columns `measure, layer, timestep, variable, mean, low, high, interval`."""
    for _, row in table.iterrows():
        yield quantity_name(row), _estimate(row)


def perturbation_numbers(table: pd.DataFrame, about: Mapping) -> Iterator[tuple[str, Estimate]]:
    """Every importance; and, of each step, the rank that each flow has for each property among them all."""
    yield from summary_numbers(table, about)
    whole = table[table["variable"].isin(PROPERTIES) & (table["layer"] != "output")]
    for _, step in whole.groupby(["measure", "timestep"], sort=False):
        for _, row in step.iterrows():
            yield quantity_name(dict(row) | {"measure": f"rank by {row['measure']}"}), _rank(row, step)


def _rank(row: pd.Series, among: pd.DataFrame) -> Estimate:
    """Of a mean among others, the largest first; its ends are ranks for some values within the intervals of all."""
    first, last = (among["low"] > row["high"]).sum() + 1, (among["high"] > row["low"]).sum()
    return Estimate((among["mean"] > row["mean"]).sum() + 1, first, last, "ranks that the 95 % intervals allow")


NUMBERS: dict[str, Callable[[pd.DataFrame, Mapping], Iterator[tuple[str, Estimate]]]] = {
    "history": history_numbers,
    "accuracy": accuracy_numbers,
    "paths": path_numbers,
    "capacity": capacity_numbers,
    "capacity_draws": draw_numbers,
    "readout": readout_numbers,
    "metamers": metamer_numbers,
    "perturbation": perturbation_numbers,
    "decoding": summary_numbers,
    "auxiliary_decoding": summary_numbers,
}
"""Kind of analysis → its table and what it is about → names and numbers."""


def named_numbers(table: pd.DataFrame, about: Mapping) -> dict[str, Estimate]:
    """The numbers of one analysis, by name.

    Parameters
    ----------
    table : DataFrame
        The table of the analysis.
    about : dict
        `kind, prefix, table, stimuli, n_test`, as `repgeom.workflow.reproductions.numbers_read` tells them.

    Raises
    ------
    InputError
        Two numbers have one name.
    """
    found = {}
    for quantity, interval in NUMBERS[about["kind"]](table, about):
        name = with_prefix(quantity, about["prefix"])
        if name in found:
            raise InputError(
                f"{about['table']}: two networks have a number {name!r}; compare an analysis of one of them"
            )
        found[name] = interval
    return found


def _means(table: pd.DataFrame, by: list[str], value: str, **limits: float) -> Iterator[tuple[pd.Series, Estimate]]:
    for _, row in over_seeds(table, by, value, **limits).iterrows():
        yield row, _estimate(row)


def _estimate(row: pd.Series) -> Estimate:
    return Estimate(row["mean"], row["low"], row["high"], row["interval"])


def with_prefix(quantity: str, prefix: str) -> str:
    """A quantity of one analysis among others of its kind."""
    if not prefix:
        return quantity
    return f"{DISPARITY} on {prefix}" if quantity == DISPARITY else f"{prefix}, {quantity}"


def quantity_name(row: Mapping) -> str:
    """`layer decoding, cluttered: fc, t = 4, category`, and shorter where something is averaged over."""
    parts = []
    if pd.notna(row["layer"]) and row["layer"] not in ("", "output"):
        parts.append(row["layer"])
    if pd.notna(row["timestep"]):
        parts.append(f"t = {int(row['timestep'])}")
    if row["layer"] != "output" and row["variable"] != "auxiliary":
        parts.append(row["variable"])
    return f"{row['measure']}: {', '.join(parts)}" if parts else row["measure"]
