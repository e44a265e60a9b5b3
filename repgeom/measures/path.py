"""Computation as a path: the geometries of a network's nodes, from its input towards the labels.

A path is a sequence of indices into a matrix of dissimilarities between RDMs. Every number of a path is
a function of that matrix, and takes a single one (k, k) or many, such as bootstrap draws (..., k, k).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.rdm import label_rdm

INPUT = "input"
LABELS = "labels"
NO_MODEL = ""
"""The model of the geometries that belong to none, input and labels."""


@dataclass(frozen=True)
class Paths:
    """The geometries on the paths of several models over the same stimuli.

    Attributes
    ----------
    rdms : (k, n(n-1)/2)
        The shared input first, then each model's other nodes, the labels last.
    models, nodes : k names
        Whose geometry each is; input and labels belong to no model ("").
    indices : {model: (m,) int}
        Each model's way through the geometries, from the input to its last node.
    """

    rdms: np.ndarray
    models: tuple[str, ...]
    nodes: tuple[str, ...]
    indices: dict[str, np.ndarray]

    @property
    def labels(self) -> int:
        """Index of the label geometry."""
        return len(self.rdms) - 1

    @property
    def names(self) -> list[str]:
        """`model node` of each geometry, as error messages and tables call it."""
        return [f"{model} {node}".strip() for model, node in zip(self.models, self.nodes, strict=True)]


def join_paths(rdms: Mapping[str, Mapping[str, np.ndarray]], labels: np.ndarray) -> Paths:
    """Join the nodes of one or more models, their common input (the same up to a factor), and the labels.

    Parameters
    ----------
    rdms : {model: {node: (n(n-1)/2,)}}
        Nodes in execution order, the first named "input".
    labels : (n,)
        Class of every stimulus.

    Raises
    ------
    InputError
        A model without input, models that saw different inputs, or RDMs of another number of stimuli.
    """
    if not rdms:
        raise InputError("no model to draw a path of; give at least one")
    shared = _shared_input(rdms)
    stack, models, nodes, indices = [shared], [NO_MODEL], [INPUT], {}
    for model, by_node in rdms.items():
        names = list(by_node)[1:]
        indices[model] = np.append(0, np.arange(len(stack), len(stack) + len(names)))
        stack += [by_node[name] for name in names]
        models += [model] * len(names)
        nodes += names
    stack, models, nodes = [*stack, label_rdm(labels)], [*models, NO_MODEL], [*nodes, LABELS]
    _check_lengths(stack, nodes)
    return Paths(np.stack(stack), tuple(models), tuple(nodes), indices)


def path_length(dissimilarity: np.ndarray, path: Sequence[int]) -> np.ndarray:
    """Sum of the steps from each node of the path to the next: (..., k, k) → (...)."""
    path = np.asarray(path)
    return dissimilarity[..., path[:-1], path[1:]].sum(axis=-1)


def distance_to(dissimilarity: np.ndarray, path: Sequence[int], target: int) -> np.ndarray:
    """Distance of every node of the path to the geometry `target`: (..., k, k) → (..., m)."""
    return dissimilarity[..., np.asarray(path), target]


def matched_distance(dissimilarity: np.ndarray, first: Sequence[int], second: Sequence[int]) -> np.ndarray:
    """Distance between the corresponding nodes of two paths of equal length: (..., k, k) → (..., m).

    Raises
    ------
    InputError
        The paths have different numbers of nodes.
    """
    if len(first) != len(second):
        raise InputError(
            f"paths of {len(first)} and {len(second)} nodes do not match; compare models of one architecture"
        )
    return dissimilarity[..., np.asarray(first), np.asarray(second)]


def _shared_input(rdms: Mapping[str, Mapping[str, np.ndarray]]) -> np.ndarray:
    for model, by_node in rdms.items():
        if next(iter(by_node), None) != INPUT:
            raise InputError(f"the nodes of model {model!r} do not begin with {INPUT!r}; record its input too")
    inputs = {model: np.asarray(by_node[INPUT]) for model, by_node in rdms.items()}
    reference, shared = next(iter(inputs.items()))
    for model, rdm in inputs.items():
        if rdm.shape != shared.shape or not _same_up_to_scale(rdm, shared):
            raise InputError(
                f"models {reference!r} and {model!r} saw different inputs; join paths over the same stimuli only"
            )
    return shared


def _same_up_to_scale(a: np.ndarray, b: np.ndarray) -> bool:
    """Networks that normalise images in their own way see one geometry in different units."""
    a, b = (rdm / (np.abs(rdm).max() or 1) for rdm in (a, b))
    return np.allclose(a, b, rtol=1e-6, atol=1e-9)


def _check_lengths(stack: Sequence[np.ndarray], nodes: Sequence[str]) -> None:
    expected = len(stack[-1])
    for node, rdm in zip(nodes, stack, strict=True):
        if np.shape(rdm) != (expected,):
            raise InputError(
                f"the RDM of {node!r} has shape {np.shape(rdm)} where the labels have {expected} pairs of stimuli; "
                "give RDMs and labels of the same stimuli"
            )
