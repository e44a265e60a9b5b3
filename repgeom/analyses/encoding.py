"""How well nodes of networks predict measured responses."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.alignment import align
from repgeom.analyses.intervals import INTERVAL_COLUMNS, with_intervals
from repgeom.analyses.limits import CORRELATION
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.errors import InputError, nearest
from repgeom.measures.encoding import (
    Encoding,
    best_in_training,
    make_folds,
    mean_over_folds,
    reliability,
    ridge_encoding,
)
from repgeom.measures.uncertainty import ENOUGH_NETWORKS, Estimate, mean_estimate
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import CoordinateReader
from repgeom.store.responses import Responses

BEST = "best node"
"""What stands for a node where the one is taken that predicts best in each training fold."""
ENCODING_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network; best node: in each fold the one that predicted best in the others",
    "subject": "name of the subject",
    "correlation": "Pearson's r over the stimuli of a fold of measured responses with predictions by the fit that did "
    "not see them, median over channels, mean over folds",
    **INTERVAL_COLUMNS,
    "explained": "r² (r mean over folds) ÷ reliability, median over channels: the share of what can be "
    "explained; above 1 where noise is large, empty without repetitions",
    "reliability": "of mean responses, from split halves (Spearman–Brown), median over channels; its root is the "
    "ceiling of the correlation; empty without repetitions",
    "chosen": "share of folds in which the node predicted best in the others",
    "penalty": "median over folds and channels, relative to the mean squared length of patterns",
    "channels": "how many",
    "n_stimuli": "stimuli that network and subject share",
    "missing": "stimuli that the network was shown and the subject lacks",
}

LIMITS = {"correlation": CORRELATION, "explained": {"lowest": 0}}
"""Between which values each quantity of the figure lies."""


def encoding_rows(
    file: CoordinateReader, nodes: Sequence[str], data: Responses, options: Mapping, say: Callable[[str], None]
) -> Iterator[dict]:
    """How well each node of one network predicts the responses of each subject.

    Where there are several nodes, the last row of a subject is of the one that was best in each training fold.

    Parameters
    ----------
    file : CoordinateReader
        Of the network.
    nodes : names
    data : Responses
    options : dict
        `folds, groups, penalties, seed`.
    say : callable
        Is told which stimuli are left out.

    Raises
    ------
    InputError
        Too few stimuli in common; no such groups; what leaves the regression undefined.
    """
    stimuli = file.stimuli
    for subject, values in data.values.items():
        where = f"{file.path} and {data.path}, subject {subject}"
        shown = np.isfinite(values).all(axis=2).any(axis=1)
        shared = align(stimuli.ids, data.ids[shown], where)
        say(f"subject {subject}: {shared.told()}")
        measured = values[shown][shared.second]
        groups = group_labels(stimuli, options["groups"], file.path, shared.first)
        folds = make_folds(len(shared.ids), options["folds"], options["seed"], groups)
        means = np.nanmean(measured, axis=1)
        found = {}
        for node in nodes:
            try:
                patterns = file.read(node).centred[shared.first]
                found[node] = ridge_encoding(patterns, means, folds, groups, options["penalties"])
            except InputError as error:
                raise InputError(f"{where}, node {node!r}: {error}") from None
        about = {"channels": values.shape[2], "n_stimuli": len(shared.ids), "missing": len(shared.only_first)}
        ceiling = reliability(measured, options["seed"])
        for node, one, chosen in _with_best(found):
            yield {"node": node, "subject": subject, **_scores(one, ceiling, where), "chosen": chosen, **about}


def _with_best(found: Mapping[str, Encoding]) -> Iterator[tuple[str, Encoding, float]]:
    """Every node and, where there are several, the best one; with the share of folds in which it was chosen."""
    if len(found) == 1:
        yield from ((node, one, np.nan) for node, one in found.items())
        return
    chosen = best_in_training(list(found.values()))
    for i, (node, one) in enumerate(found.items()):
        yield node, one, float((chosen == i).mean())
    best = [list(found.values())[i] for i in chosen]
    parts = {
        name: np.array([getattr(one, name)[f] for f, one in enumerate(best)]) for name in ("penalty", "correlation")
    }
    yield BEST, best[0]._replace(**parts), np.nan


def group_labels(stimuli: StimulusInfo, name: str | None, where: str, chosen: np.ndarray) -> np.ndarray | None:
    """The group of each of the chosen stimuli, by the name of a label column; None where no name is given.

    Raises
    ------
    InputError
        There is no such column.
    """
    if name is None:
        return None
    columns = {"category": stimuli.labels} | stimuli.descriptors
    if name not in columns:
        raise InputError(f"{where}: stimuli have no {name!r} to group them by; {nearest(name, columns)}")
    return np.asarray(columns[name])[chosen]


def encoding_means(table: pd.DataFrame) -> pd.DataFrame:
    """Means over subjects (of whom seeds are averaged first) of every line at every node, with t-intervals.

    With one or two subjects the intervals of correlations are over folds.

    Parameters
    ----------
    table : DataFrame
        `ENCODING_COLUMNS`, and `line`.

    Returns
    -------
    DataFrame
        Columns `quantity, line, node, mean, low, high, interval, n`.
    """
    keys = ["line", "node", "subject", "seed", "low", "high", "interval"]
    long = table.melt(keys, list(LIMITS), "quantity", "value").dropna(subset="value")
    return with_intervals(long, ["quantity", "line", "node"], _over_subjects)


def ceiling_of(table: pd.DataFrame) -> float:
    """The correlation that could be reached, √reliability, mean over subjects; NaN without repetitions."""
    reliable = table.drop_duplicates("subject")["reliability"]
    return float(np.sqrt(reliable.clip(lower=0)).mean())


def _scores(found: Encoding, ceiling: np.ndarray, where: str) -> dict[str, object]:
    """Of reliabilities (channels,) and correlations; a channel that is silent in a fold does not count there."""
    if (silent := np.isnan(found.correlation).all(axis=1)).any():
        raise InputError(f"{where}: no channel varies over the stimuli of {silent.sum()} folds; choose fewer folds")
    estimate = mean_over_folds(np.nanmedian(found.correlation, axis=1))
    told = ~np.isnan(found.correlation).all(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        explained = np.nanmean(found.correlation[:, told], axis=0) ** 2 / ceiling[told]
    return {
        "correlation": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "interval": estimate.interval,
        "explained": float(np.median(explained)),
        "reliability": float(np.median(ceiling)),
        "penalty": float(np.median(found.penalty)),
    }


def _over_subjects(part: pd.DataFrame) -> Estimate:
    limits = LIMITS[part["quantity"].iloc[0]]
    if part["subject"].nunique() < ENOUGH_NETWORKS:
        if part["quantity"].iloc[0] != "correlation":
            return Estimate(part["value"].mean(), np.nan, np.nan, "none (too few subjects)")
        # Seeds and subjects share the folds: their errors are taken as one.
        return Estimate(*part[["value", "low", "high"]].mean(), part["interval"].iloc[0])
    return mean_estimate(part.groupby("subject")["value"].mean(), over="subjects", **limits)
