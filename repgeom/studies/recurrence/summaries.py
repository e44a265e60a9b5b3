"""Study 5 over networks: every quantity with its interval, and under the name of its published value.

Intervals are over networks where there are at least three (repetitions of a network are averaged first), and over
canvases where there are fewer.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from repgeom.measures.uncertainty import mean_interval, normal_interval, wilson_interval

ENOUGH_NETWORKS = 3
AUXILIARY = ("location", "scale", "orientation")
SUMMARY_COLUMNS = {
    "measure": "what was measured",
    "stimuli": "cluttered: the whole canvas; clean: its target alone",
    "modulation": "bias or gain of a flow",
    "layer": "of the network; empty for a mean over layers",
    "timestep": "counted from 1; empty for a mean over time",
    "variable": "property of the target; auxiliary is the mean of location, scale and orientation",
    "mean": "over networks and repetitions",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "n": "how many networks or canvases the interval is over",
    "over": "what the interval is over: networks (Student's t) or canvases",
    "chance": "accuracy of guessing",
}


def with_intervals(
    table: pd.DataFrame, by: list[str], value: str, over_canvases: Callable[[pd.DataFrame], tuple[float, float, int]]
) -> pd.DataFrame:
    """Mean and 95 % interval of `value` for each combination of the columns `by`.

    Parameters
    ----------
    table : DataFrame
        Columns `seed`, `repetition`, those of `by`, and `value`.
    over_canvases : callable
        Rows of one combination → ends of the interval over canvases, and their number.

    Returns
    -------
    DataFrame
        Columns of `by`, `mean`, `low`, `high`, `n`, `over`.
    """
    enough = table["seed"].nunique() >= ENOUGH_NETWORKS
    rows = []
    for key, part in table.groupby(by, sort=False, dropna=False):
        networks = part.groupby("seed")[value].mean()
        mean, *ends = mean_interval(networks)
        low, high, n = (*ends, len(networks)) if enough else over_canvases(part)
        rows.append(dict(zip(by, key, strict=True)) | {"mean": mean, "low": low, "high": high, "n": n})
    return pd.DataFrame(rows).assign(over="networks" if enough else "canvases")


def _wilson(part: pd.DataFrame, value: str, n: str) -> tuple[float, float, int]:
    """Interval of accuracies of different canvases."""
    total = int(part[n].sum())
    return *wilson_interval(round(float((part[value] * part[n]).sum())), total), total


def _decoded(part: pd.DataFrame) -> tuple[float, float, int]:
    return _wilson(part, "accuracy", "n_test")


def _averaged(part: pd.DataFrame) -> tuple[float, float, int]:
    """Interval of a mean over layers or steps: they saw the same canvases, which count once."""
    canvases = part.drop_duplicates(["seed", "repetition"])["n_test"].sum()
    return *wilson_interval(round(float(part["accuracy"].mean() * canvases)), int(canvases)), int(canvases)


def _standard_errors(part: pd.DataFrame) -> tuple[float, float, int]:
    error = float(np.sqrt((part["standard_error"] ** 2).sum()) / len(part))
    return *normal_interval(float(part["importance"].mean()), error), int(part["n_images"].sum())


def decoding_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Decoding accuracy of every layer and flow, for cluttered and clean canvases."""
    by = ["stimuli", "kind", "modulation", "layer", "timestep", "variable", "chance"]
    summary = with_intervals(table.fillna({"modulation": ""}), by, "accuracy", _decoded)
    what = np.where(summary["kind"] == "flow", summary["modulation"] + " flow", summary["kind"])
    return summary.assign(measure=what + " decoding, " + summary["stimuli"]).drop(columns="kind")


def auxiliary_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Decoding of auxiliary variables from cluttered canvases, over time (mean of layers) and layers (mean of time).

    The variable `auxiliary` is the mean of location, scale and orientation; each of them stands beside it.
    """
    is_auxiliary = table["variable"].isin(AUXILIARY) & (table["kind"] == "layer") & (table["stimuli"] == "cluttered")
    single = table[is_auxiliary]
    both = pd.concat([single, single.assign(variable="auxiliary")])
    over_time = with_intervals(both, ["timestep", "variable"], "accuracy", _averaged)
    over_layers = with_intervals(both, ["layer", "variable"], "accuracy", _averaged)
    return pd.concat(
        [
            over_time.assign(measure="auxiliary decoding, mean over layers", layer=""),
            over_layers.assign(measure="auxiliary decoding, mean over time"),
        ],
        ignore_index=True,
    ).assign(stimuli="cluttered", chance=0.5)


def importance_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Functional importance of flows for every swap and every property.

    Parameters
    ----------
    table : DataFrame
        One row per seed, repetition, variable, layer and timestep.
    """
    by = ["layer", "modulation", "timestep", "variable"]
    summary = with_intervals(table, by, "importance", _standard_errors)
    return summary.assign(measure="functional importance of " + summary["modulation"] + " flow", stimuli="cluttered")


def output_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the networks' answers, read out after every step."""
    by = ["stimuli", "timestep"]
    summary = with_intervals(table, by, "accuracy", lambda part: _wilson(part, "accuracy", "n"))
    return summary.assign(measure="output accuracy, " + summary["stimuli"], layer="output", variable="category")


def final_output(table: pd.DataFrame, perturbed: pd.DataFrame) -> pd.DataFrame:
    """Accuracy after the last step, and on the noise-free stimuli of the perturbation."""
    last = output_summary(table[table["timestep"] == table["timestep"].max()]).assign(timestep=np.nan)
    once = perturbed.drop_duplicates(["seed", "repetition"]).assign(measure="output accuracy, perturbation stimuli")
    original = with_intervals(once, ["measure"], "original", lambda part: _wilson(part, "original", "n_images"))
    return pd.concat([last, original.assign(layer="output", variable="category")], ignore_index=True)


def named_quantities(summaries: Iterable[pd.DataFrame]) -> dict[str, tuple[float, float, float]]:
    """Quantity → (mean, low, high) under the names of the reference table."""
    found = {}
    for summary in summaries:
        for _, row in summary.iterrows():
            found[quantity_name(row)] = (row["mean"], row["low"], row["high"])
    return found


def quantity_name(row: pd.Series) -> str:
    """`layer decoding, cluttered: fc, t = 4, category`, and shorter where something is averaged over."""
    parts = []
    if row["layer"] not in ("", "output"):
        parts.append(row["layer"])
    if pd.notna(row.get("timestep")):
        parts.append(f"t = {int(row['timestep'])}")
    if row["layer"] != "output" and row["variable"] != "auxiliary":
        parts.append(row["variable"])
    return f"{row['measure']}: {', '.join(parts)}" if parts else row["measure"]
