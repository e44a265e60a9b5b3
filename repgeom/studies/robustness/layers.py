"""Separation of classes, correlation with the labels and between the two models, at every node."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from repgeom.errors import InputError
from repgeom.measures.bootstrap import over_images
from repgeom.measures.rdm import label_rdm
from repgeom.measures.separation import rdm_correlation, separation
from repgeom.store.rdms import RDMs
from repgeom.studies.robustness.runs import Run

ENDS = {"separation": "real", "label_correlation": "correlation", "model_correlation": "correlation"}
"""Where each quantity can lie."""

LAYER_COLUMNS = {
    "quantity": "separation: mean between-class minus mean within-class dissimilarity; label_correlation: Pearson "
    "correlation of the RDM with the RDM of the one-hot labels; model_correlation: Pearson correlation between "
    "the standard and the adversarially trained network's RDMs",
    "condition": "network and images",
    "seed": "seed of the networks",
    "node": "where in the network",
    "value": "the quantity",
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "interval": "what the interval is",
}


def layer_table(runs: Sequence[tuple[Run, RDMs]], nodes: list[str], standard: str, adversarial: str) -> pd.DataFrame:
    """Separation, correlation with the labels, and correlation between the two models, for every node and run."""
    rows = []
    for run, rdms in runs:
        labels, target = rdms.labels, label_rdm(rdms.labels)
        for node in nodes:
            rdm = rdms[node]
            context = {"condition": f"{run.model}, {run.condition}", "seed": run.seed, "node": node}
            rows.append(_row("separation", context, lambda w, r=rdm, y=labels: separation(r, y, w), labels))
            rows.append(_row("label_correlation", context, lambda w, r=rdm, t=target: rdm_correlation(r, t, w), labels))
    rows += _model_correlations(runs, nodes, standard, adversarial)
    return pd.DataFrame(rows)


def _row(quantity: str, context: dict, statistic, labels: np.ndarray) -> dict:
    found = over_images(statistic, len(labels), labels, ends=ENDS[quantity])
    return {"quantity": quantity, **context} | found._asdict()


def _model_correlations(
    runs: Sequence[tuple[Run, RDMs]], nodes: list[str], standard: str, adversarial: str
) -> list[dict]:
    """Correlation between the two models' RDMs at the same node, seed by seed, condition by condition."""
    by_key = {(run.model, run.condition, i): (run, rdms) for i, (run, rdms) in _numbered(runs)}
    rows = []
    for (model, condition, i), (run, a) in by_key.items():
        other = by_key.get((adversarial, condition, i))
        if model != standard or other is None:
            continue
        b = other[1]
        check_same_labels(a, b)
        for node in nodes:
            context = {"condition": condition, "seed": run.seed, "node": node}
            rows.append(
                _row(
                    "model_correlation",
                    context,
                    lambda w, x=a[node], y=b[node]: rdm_correlation(x, y, w),
                    a.labels,
                )
            )
    return rows


def _numbered(runs: Sequence[tuple[Run, RDMs]]):
    """Number the seeds of each model and condition, so that they pair up."""
    seen: dict[tuple[str, str], int] = {}
    for run, rdms in runs:
        key = (run.model, run.condition)
        seen[key] = seen.get(key, -1) + 1
        yield seen[key], (run, rdms)


def check_same_labels(a: RDMs, b: RDMs) -> None:
    """Raise InputError where two RDM files are not about the same stimuli in the same order."""
    different = np.flatnonzero(a.ids != b.ids) if len(a.ids) == len(b.ids) else [0]
    if len(different):
        raise InputError(f"{a.path} and {b.path} are about different stimuli (first at position {different[0]})")
