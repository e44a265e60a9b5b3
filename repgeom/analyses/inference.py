"""Networks against measured RDMs: similarities in every resample, and what they say in the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from repgeom.analyses.alignment import align, of_stimuli
from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.analyses.networks import NETWORK_COLUMNS, PAIR, about
from repgeom.analyses.rdms import nodes_with_rdm
from repgeom.errors import InputError
from repgeom.measures.inference.ceilings import noise_ceiling
from repgeom.measures.inference.dual_bootstrap import Samples, bootstrap_samples, draw
from repgeom.measures.inference.flexible import FITS, flexible_samples, flexible_value
from repgeom.measures.inference.significance import CORRECTIONS, above, different
from repgeom.measures.inference.similarity import measured_similarity
from repgeom.measures.uncertainty import LEVEL
from repgeom.store.hdf5 import Arrays
from repgeom.store.measured_rdms import MeasuredRDMs
from repgeom.store.rdms import RDMs

WEIGHTED, BEST = "weighted sum", "best node"
FITTED = {"weighted": WEIGHTED, "best": BEST}
"""What stands for a node where the nodes of a network are summed with fitted weights, or the best of them is chosen."""
KEY = ("model", "epoch", "stimuli", "repetition")
"""What tells networks apart whose seeds are averaged."""
WHOSE = {name: text for name, text in NETWORK_COLUMNS.items() if name != "seed"} | {"seeds": "networks averaged"}
INFERENCE_COLUMNS = WHOSE | {
    "quantity": "similarity: mean over subjects of the similarity of a node's RDM to theirs; difference: of the "
    "similarities of two networks, at a node that both have, else at the most similar node of each",
    "node": "where in the network",
    "value": "the quantity",
    **INTERVAL_COLUMNS,
    "standard_error": "for other subjects and other stimuli",
    "degrees": "of freedom, of the interval and of p",
    "p": "of no similarity (one-sided), or no difference (two-sided); t-test",
    "p_corrected": "the same, corrected for all similarities, or all differences, of this table",
    "p_ceiling": "of no difference from the lower noise ceiling (two-sided); t-test",
    "p_ceiling_corrected": "the same, corrected for all similarities of this table",
    "lower_ceiling": "mean similarity of a subject's RDM to the average of the others'",
    "upper_ceiling": "mean similarity of a subject's RDM to the average of all",
    "chosen": "share of folds in which the node was the most similar one to the subjects and stimuli that were not "
    "held out; with best: true",
    "subjects": "how many",
    "n_stimuli": "stimuli that network and data share",
    "missing": "stimuli that the network was shown and the data lack",
}
SUBJECT_COLUMNS = NETWORK_COLUMNS | {
    "node": "where in the network",
    "subject": "name of the subject",
    "value": "similarity of the node's RDM to the subject's",
    "pairs": "pairs of stimuli that the subject has",
}


def similarities(rdms: RDMs, data: MeasuredRDMs, options: Mapping, say: Callable[[str], None]) -> tuple[dict, dict]:
    """Similarities of one network's nodes to measured RDMs, in every resample.

    Parameters
    ----------
    rdms : RDMs
        Of the network.
    data : MeasuredRDMs
    options : dict
        `nodes, comparison, samples, seed, weighted, best`.
    say : callable
        Is told which stimuli are left out.

    Returns
    -------
    dict, dict
        Arrays (`similarity` (k, s), `pairs` (s,), `value` (k,), `ceiling` (2,), `scores` (c, 3, b, k), `ceilings`
        (c, 3, b, 2), `chosen` (k,), `ids`) and attributes (`nodes`, `shown`, `subjects`, `missing`) of the file that
        keeps them; with `weighted` and `best`, a weighted sum and the best of the nodes are shown after them.

    Raises
    ------
    InputError
        Too few stimuli in common; the RDM of a node or of a subject does not compare.
    """
    nodes, method = nodes_with_rdm(options["nodes"], rdms), options["comparison"]
    shared = align(rdms.ids, data.ids, f"{rdms.path} and {data.path}")
    say(f"{data.path}: {shared.told()}")
    models = of_stimuli(np.array([rdms[node] for node in nodes]), shared.first)
    measured = of_stimuli(data.dissimilarities, shared.second)
    found = measured_similarity(models, measured, method)
    _check_defined(found, nodes, data, method)
    draws = draw(len(measured), len(shared.ids), options["samples"], options["seed"])
    fits, chosen = [name for name in FITS if options[name]], np.full(len(nodes), np.nan)
    if fits:
        value, ceiling, weights = flexible_value(models, measured, method, options["seed"], fits)
        samples = flexible_samples(models, measured, method, draws, options["seed"], fits)
        chosen = weights[fits.index("best")] if "best" in fits else chosen
    else:
        value, ceiling = found.mean(axis=1), noise_ceiling(measured, method)
        samples = bootstrap_samples(models, measured, method, draws)
    arrays = {
        "similarity": found,
        "pairs": np.isfinite(measured).sum(axis=1),
        "value": value,
        "ceiling": np.array(ceiling),
        "scores": samples.scores,
        "ceilings": samples.ceilings,
        "chosen": chosen,
        "ids": shared.ids,
    }
    shown = nodes + [FITTED[name] for name in fits]
    return arrays, {"nodes": nodes, "shown": shown, "subjects": data.subjects, "missing": len(shared.only_first)}


@dataclass(frozen=True)
class Group:
    """The networks of a model that differ by their seed, averaged: one line of the figure.

    Attributes
    ----------
    whose : dict
        `model, epoch, stimuli, repetition, seeds`.
    nodes : list of str
    value : (k,)
        Mean similarity over subjects, and over seeds.
    ceiling : (2,)
    chosen : (k,)
    samples : Samples
    missing : int
    ids : (n,) str
    """

    whose: dict
    nodes: list[str]
    value: np.ndarray
    ceiling: np.ndarray
    chosen: np.ndarray
    samples: Samples
    missing: int
    ids: np.ndarray

    def shares_draws(self, other: "Group") -> bool:
        """Whether both were compared at the same stimuli, in the same resamples."""
        return np.array_equal(self.ids, other.ids)


def groups(networks: Sequence[Mapping], files: Sequence[Arrays]) -> list[Group]:
    """Networks that differ by their seed alone, averaged, in the order of the configuration.

    Raises
    ------
    InputError
        Seeds of a model were shown different stimuli, or have different nodes.
    """
    by_key: dict[tuple, list[tuple[Mapping, Arrays]]] = {}
    for network, file in zip(networks, files, strict=True):
        by_key.setdefault(tuple(str(about(network)[name]) for name in KEY), []).append((about(network), file))
    return [_group(*zip(*members, strict=True)) for members in by_key.values()]


def inference_table(found: Sequence[Group], correction: str = "holm", degrees: str = "effective") -> pd.DataFrame:
    """One row for each node of each group, and for each difference between two groups; `INFERENCE_COLUMNS`.

    Parameters
    ----------
    found : sequence of Group
    correction : {"holm", "fdr"}
        Of p-values, for all tests of a kind.
    degrees : {"effective", "smallest"}
        Of freedom of t-tests and intervals (`repgeom.measures.inference.dual_bootstrap`).
    """
    correct = CORRECTIONS[correction]
    rows = pd.DataFrame(row for group in found for row in _similarity_rows(group, degrees))
    rows["p_ceiling_corrected"] = correct(rows["p_ceiling"])
    comparable = [(a, b) for a, b in combinations(found, 2) if a.shares_draws(b)]
    pairs = pd.DataFrame(row for a, b in comparable for row in _difference_rows(a, b, degrees))
    parts = [part.assign(p_corrected=correct(part["p"])) for part in (rows, pairs) if len(part)]
    return pd.concat(parts, ignore_index=True).reindex(columns=list(INFERENCE_COLUMNS))


def subject_rows(networks: Sequence[Mapping], files: Sequence[Arrays]) -> Iterator[dict]:
    """One row for each network, node and subject; `SUBJECT_COLUMNS`."""
    for network, file in zip(networks, files, strict=True):
        for node, values in zip(file.attributes["nodes"], file["similarity"], strict=True):
            for subject, value, pairs in zip(file.attributes["subjects"], values, file["pairs"], strict=True):
                yield about(network) | {"node": node, "subject": subject, "value": value, "pairs": pairs}


def _check_defined(found: np.ndarray, nodes: Sequence[str], data: MeasuredRDMs, method: str) -> None:
    undefined = ~np.isfinite(found)
    if not undefined.any():
        return
    if (subjects := np.flatnonzero(undefined.all(axis=0))).size:
        what = f"the RDM of subject {data.subjects[subjects[0]]!r} in {data.path}"
    else:
        what = f"the RDM of node {nodes[np.flatnonzero(undefined.any(axis=1))[0]]!r}"
    kind = "zero" if method == "cosine" else "constant"
    raise InputError(f"{what} is {kind}, or empty, at the stimuli in common; its {method} is undefined: leave it out")


def _group(networks: Sequence[Mapping], files: Sequence[Arrays]) -> Group:
    first = files[0]
    nodes, scores = first.attributes["shown"], first["scores"]
    for file in files:
        if not np.array_equal(file["ids"], first["ids"]) or file.attributes["shown"] != nodes:
            raise InputError(f"{first.path} and {file.path}: seeds of a model differ in their stimuli or nodes")
    value = np.mean([file["value"] for file in files], axis=0)
    mean_scores = np.mean([file["scores"] for file in files], axis=0) if len(files) > 1 else scores
    samples = Samples(mean_scores, first["ceilings"], len(first.attributes["subjects"]), len(first["ids"]))
    whose = {name: networks[0][name] for name in KEY} | {"seeds": len(files)}
    chosen = np.mean([file["chosen"] for file in files], axis=0)
    of_nodes = np.concatenate([chosen, np.full(len(nodes) - len(chosen), np.nan)])
    return Group(whose, nodes, value, first["ceiling"], of_nodes, samples, first.attributes["missing"], first["ids"])


def _similarity_rows(group: Group, degrees: str) -> Iterator[dict]:
    samples = group.samples
    of_value = samples.uncertainty(samples.scores, degrees)
    p_ceiling = np.full(len(group.nodes), np.nan)
    if samples.n_subjects > 1:
        below = samples.uncertainty(samples.scores - samples.ceilings[..., :1], degrees)
        p_ceiling = different(group.value - group.ceiling[0], *below)
    p = above(group.value, *of_value)
    for k, node in enumerate(group.nodes):
        yield _row(group, "similarity", node, group.value[k], *(x[k] for x in of_value)) | {
            "p": p[k],
            "p_ceiling": p_ceiling[k],
            "lower_ceiling": group.ceiling[0],
            "upper_ceiling": group.ceiling[1],
            "chosen": group.chosen[k],
        }


def _difference_rows(a: Group, b: Group, degrees: str) -> Iterator[dict]:
    shared = [(node, a.nodes.index(node), b.nodes.index(node)) for node in a.nodes if node in b.nodes]
    if not shared:
        i, j = int(a.value.argmax()), int(b.value.argmax())
        shared = [(f"{a.nodes[i]}{PAIR}{b.nodes[j]}, the most similar of each", i, j)]
    for node, i, j in shared:
        difference = a.value[i] - b.value[j]
        uncertain = a.samples.uncertainty(a.samples.scores[..., i] - b.samples.scores[..., j], degrees)
        yield _row(a, "difference", node, difference, *uncertain) | {
            **{name: _both(a.whose[name], b.whose[name]) for name in KEY},
            "p": different(difference, *uncertain),
        }


def _row(group: Group, quantity: str, node: str, value: float, variance: float, degrees: float) -> dict:
    samples = group.samples
    error = float(np.sqrt(variance))
    half = stats.t.ppf((1 + LEVEL) / 2, degrees) * error
    over = "stimuli (one subject)" if samples.n_subjects == 1 else "subjects and stimuli"
    return group.whose | {
        "quantity": quantity,
        "node": node,
        "value": value,
        "low": value - half,
        "high": value + half,
        "interval": f"{100 * LEVEL:g} % t, bootstrap over {over}",
        "standard_error": error,
        "degrees": float(degrees),
        "subjects": samples.n_subjects,
        "n_stimuli": samples.n_stimuli,
        "missing": group.missing,
    }


def _both(first: object, second: object) -> object:
    same = first == second or (pd.isna(first) and pd.isna(second))
    return first if same else f"{first}{PAIR}{second}"
