"""How well nodes of networks predict measured responses."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.alignment import align
from repgeom.analyses.intervals import with_intervals
from repgeom.analyses.limits import CORRELATION
from repgeom.analyses.networks import NETWORK_COLUMNS
from repgeom.errors import InputError, nearest
from repgeom.measures.encoding import make_folds, reliability, ridge_encoding
from repgeom.measures.uncertainty import Estimate, mean_estimate
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import CoordinateReader
from repgeom.store.responses import Responses

ENCODING_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network",
    "subject": "name of the subject",
    "correlation": "Pearson's r over stimuli of measured responses with predictions by fits that did not see them, "
    "median over channels",
    "explained": "r² ÷ reliability, median over channels: the share of what can be "
    "explained; above 1 where noise is large, empty without repetitions",
    "reliability": "of mean responses, from split halves (Spearman–Brown), median over channels; its root is the "
    "ceiling of the correlation; empty without repetitions",
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
        ceiling = reliability(measured, options["seed"])
        means = np.nanmean(measured, axis=1)
        for node in nodes:
            try:
                found = ridge_encoding(
                    file.read(node).centred[shared.first], means, folds, groups, options["penalties"]
                )
            except InputError as error:
                raise InputError(f"{where}, node {node!r}: {error}") from None
            yield {
                "node": node,
                "subject": subject,
                **_scores(found.correlation, ceiling),
                "penalty": float(np.median(found.penalty)),
                "channels": values.shape[2],
                "n_stimuli": len(shared.ids),
                "missing": len(shared.only_first),
            }


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

    Parameters
    ----------
    table : DataFrame
        `ENCODING_COLUMNS`, and `line`.

    Returns
    -------
    DataFrame
        Columns `quantity, line, node, mean, low, high, interval, n`.
    """
    long = table.melt(["line", "node", "subject", "seed"], list(LIMITS), "quantity", "value").dropna(subset="value")
    return with_intervals(long, ["quantity", "line", "node"], _over_subjects)


def ceiling_of(table: pd.DataFrame) -> float:
    """The correlation that could be reached, √reliability, mean over subjects; NaN without repetitions."""
    reliable = table.drop_duplicates("subject")["reliability"]
    return float(np.sqrt(reliable.clip(lower=0)).mean())


def _scores(correlation: np.ndarray, ceiling: np.ndarray) -> dict[str, float]:
    """Of correlations (channels,) and reliabilities (channels,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        explained = correlation**2 / ceiling
    return {
        "correlation": float(np.median(correlation)),
        "explained": float(np.median(explained)),
        "reliability": float(np.median(ceiling)),
    }


def _over_subjects(part: pd.DataFrame) -> Estimate:
    limits = LIMITS[part["quantity"].iloc[0]]
    return mean_estimate(part.groupby("subject")["value"].mean(), over="subjects", **limits)
