"""Separation of classes, correlation with the labels, and agreement between models, at every node."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from repgeom.analyses.intervals import INTERVAL_COLUMNS, MEAN_COLUMNS, over_seeds
from repgeom.analyses.limits import CORRELATION
from repgeom.analyses.networks import NETWORK_COLUMNS, PAIR, about
from repgeom.analyses.rdms import nodes_with_rdm
from repgeom.measures.bootstrap import over_images
from repgeom.measures.rdm import label_rdm
from repgeom.measures.separation import rdm_correlation, separation
from repgeom.store.rdms import RDMs, check_same_stimuli

SEPARATION_COLUMNS = NETWORK_COLUMNS | {
    "quantity": "separation: mean between-class minus mean within-class dissimilarity; label_correlation: Pearson "
    "correlation of the RDM with the RDM of the one-hot labels; model_correlation: Pearson correlation between "
    "the RDMs of two models at the same node, seed by seed",
    "node": "where in the network",
    "value": "the quantity",
    **INTERVAL_COLUMNS,
}
POINT_COLUMNS = {
    "line": "the line of the figure",
    "quantity": SEPARATION_COLUMNS["quantity"],
    "node": "where in the network",
    **MEAN_COLUMNS,
}
ENDS = {"separation": "real", "label_correlation": "correlation", "model_correlation": "correlation"}
"""Where each quantity can lie."""


def separation_rows(rdms: RDMs, nodes: Sequence[str] | None) -> Iterator[dict]:
    """Separation of the classes and correlation with the labels at nodes of one network."""
    labels, target = rdms.labels, label_rdm(rdms.labels)
    for node in nodes_with_rdm(nodes, rdms):
        rdm = rdms[node]
        statistics = {
            "separation": lambda w, r=rdm: separation(r, labels, w),
            "label_correlation": lambda w, r=rdm: rdm_correlation(r, target, w),
        }
        for quantity, statistic in statistics.items():
            yield {"quantity": quantity, "node": node} | _with_interval(quantity, statistic, labels)


def agreement_rows(
    networks: Sequence[Mapping], files: Sequence[RDMs], pairs: Sequence[Sequence[str]]
) -> Iterator[dict]:
    """Correlation between the RDMs of pairs of models, seed by seed, wherever both saw the same stimuli.

    Parameters
    ----------
    networks : sequence of dict
        As in `repgeom.analyses.networks.join_networks`.
    files : sequence of RDMs
        Of each network.
    pairs : sequence of (model, model)
    """
    by_model = {model: _of_model(networks, files, model) for pair in pairs for model in pair}
    for first, second in pairs:
        for (network, a), (other, b) in zip(by_model[first], by_model[second], strict=False):
            if network["set"] != other["set"]:
                continue
            check_same_stimuli(a, b)
            nodes = [n for n in nodes_with_rdm(network["nodes"], a) if n in b.nodes]
            for node in nodes:
                statistic = lambda w, x=a[node], y=b[node]: rdm_correlation(x, y, w)  # noqa: E731
                yield (
                    about(network)
                    | {"model": f"{first}{PAIR}{second}", "quantity": "model_correlation", "node": node}
                    | _with_interval("model_correlation", statistic, a.labels)
                )


def separation_means(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Means over seeds, quantity by quantity; those of correlations stay in their range.

    Parameters
    ----------
    table : DataFrame
        `SEPARATION_COLUMNS`, and those of `by`, which tell lines and nodes apart.
    """
    limits = {"real": {}, "correlation": CORRELATION}
    parts = table.groupby("quantity", sort=False)
    return pd.concat(
        [over_seeds(part, ["quantity", *by], **limits[ENDS[name]]) for name, part in parts], ignore_index=True
    )


def _of_model(networks: Sequence[Mapping], files: Sequence[RDMs], model: str) -> list[tuple[Mapping, RDMs]]:
    return [(network, rdms) for network, rdms in zip(networks, files, strict=True) if network["model"] == model]


def _with_interval(quantity: str, statistic: Callable, labels: np.ndarray) -> dict:
    return over_images(statistic, len(labels), labels, ENDS[quantity])._asdict()
