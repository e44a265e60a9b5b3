"""Separation of classes, correlation with the labels, and agreement between models, at every node."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from repgeom.analyses.networks import NETWORK_COLUMNS, about
from repgeom.analyses.rdms import nodes_with_rdm
from repgeom.measures.rdm import label_rdm
from repgeom.measures.separation import bootstrap, rdm_correlation, separation
from repgeom.store.rdms import RDMs, check_same_stimuli

SEPARATION_COLUMNS = NETWORK_COLUMNS | {
    "quantity": "separation: mean between-class minus mean within-class dissimilarity; label_correlation: Pearson "
    "correlation of the RDM with the RDM of the one-hot labels; model_correlation: Pearson correlation between "
    "the RDMs of two models at the same node, seed by seed",
    "node": "where in the network",
    "value": "the quantity",
    "low": "lower end of the 95 % bootstrap interval over images (within classes)",
    "high": "upper end of the 95 % bootstrap interval over images (within classes)",
}


def separation_rows(rdms: RDMs, nodes: Sequence[str] | None, resamples: int, seed: int) -> Iterator[dict]:
    """Separation of the classes and correlation with the labels at nodes of one network."""
    labels, target = rdms.labels, label_rdm(rdms.labels)
    for node in nodes_with_rdm(nodes, rdms):
        rdm = rdms[node]
        statistics = {
            "separation": lambda w, r=rdm: separation(r, labels, w),
            "label_correlation": lambda w, r=rdm: rdm_correlation(r, target, w),
        }
        for quantity, statistic in statistics.items():
            yield {"quantity": quantity, "node": node} | _with_interval(statistic, labels, resamples, seed)


def agreement_rows(
    networks: Sequence[Mapping], files: Sequence[RDMs], pairs: Sequence[Sequence[str]], resamples: int, seed: int
) -> Iterator[dict]:
    """Correlation between the RDMs of pairs of models, seed by seed, wherever both saw the same stimuli.

    Parameters
    ----------
    networks : sequence of dict
        As in `repgeom.analyses.networks.join_networks`.
    files : sequence of RDMs
        Of each network.
    pairs : sequence of (model, model)
    resamples, seed : int
        Of the bootstrap.
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
                    | {"model": f"{first} and {second}", "quantity": "model_correlation", "node": node}
                    | _with_interval(statistic, a.labels, resamples, seed)
                )


def separation_lines(table: pd.DataFrame, names: Mapping[str, Mapping]) -> dict[str, dict]:
    """Label, colour and style of each line, by `model, stimuli`: models in colour, agreement black, stimuli dashed."""
    models, sets = list(dict.fromkeys(table["model"])), list(dict.fromkeys(table["stimuli"]))
    several = len(sets) > 1
    lines = {}
    for model, stimuli in product(models, sets):
        look = names["models"].get(model)
        label = look["label"] if look else " and ".join(names["models"][m]["label"] for m in model.split(" and "))
        lines[f"{model}, {stimuli}"] = {
            "label": f"{label}, {names['stimuli'][stimuli]}" if several else label,
            "colour": look["colour"] if look else "#000000",
            "style": STYLES[sets.index(stimuli) % len(STYLES)],
        }
    return lines


STYLES = ("-", "--", ":", "-.")


def _of_model(networks: Sequence[Mapping], files: Sequence[RDMs], model: str) -> list[tuple[Mapping, RDMs]]:
    return [(network, rdms) for network, rdms in zip(networks, files, strict=True) if network["model"] == model]


def _with_interval(statistic: Callable, labels: np.ndarray, resamples: int, seed: int) -> dict[str, float]:
    n = len(labels)
    value = float(statistic(np.ones(n * (n - 1) // 2)))
    low, high = bootstrap(statistic, labels, resamples, seed)
    return {"value": value, "low": low, "high": high}
