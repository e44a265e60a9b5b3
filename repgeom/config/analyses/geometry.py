"""RDMs, embeddings, paths through the space of geometries, spectra."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import ClassVar, Literal

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Name, Positive
from repgeom.config.stimuli import Attacked
from repgeom.measures.names import Comparison, RDMMeasure


class RDMPanels(Analysis):
    """RDMs, a row for each network: its nodes side by side, or over `time` a row for each layer.

    `labels` adds the RDM of the class labels.
    """

    kind: Literal["rdms"]
    measure: RDMMeasure = "correlation"
    over: Literal["nodes", "time"] = "nodes"
    labels: bool = False

    fewest: ClassVar[int] = 2
    page: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        if self.over == "time" and len(self.networks(nouns)) > 1:
            yield f"{key}.of: rdms over time have room for one network; give each an analysis of its own"


class Embeddings(Analysis):
    """PCA, metric MDS and t-SNE of the stimuli at some nodes of a network."""

    kind: Literal["embeddings"]
    perplexity: Positive = 40.0

    fewest: ClassVar[int] = 2
    one_network: ClassVar[bool] = True

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        return {"embeddings": {"perplexity": self.perplexity, "nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from _several(key, self.kind, self.networks(nouns))
        for name in dict.fromkeys(network.set for network in self.networks(nouns)):
            n = nouns.n_stimuli(name)
            if n is not None and self.perplexity >= n:
                yield f"{key}.perplexity: {self.perplexity:g} for the {n} stimuli of {name!r}; choose less than {n}"


class GeometryPaths(Analysis):
    """Paths of networks through the space of geometries, from their shared input towards the labels.

    Every network is a path, so that seeds and epochs of a model are several; where seeds see different stimuli,
    attacked with different networks' gradients, the figure shows the first. `comparison` is the similarity of two RDMs.
    `disparity_with` names another analysis of the study, of the same networks and nodes, whose map is laid over this
    one's.
    """

    kind: Literal["paths"]
    comparison: Comparison = "cosine"
    disparity_with: Name | None = None

    compares_classes: ClassVar[bool] = True
    # RDMs are compared, also with a stimulus of a class left out.
    fewest: ClassVar[int] = 3
    fewest_classes: ClassVar[int] = 2
    within_classes: ClassVar[bool] = True
    coloured: ClassVar[bool] = True
    page: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("numbers",)

    def too_few(self, key: str, name: str, n: int | None, n_classes: int | None) -> Iterator[str]:  # noqa: D102
        yield from (faults := list(super().too_few(key, name, n, n_classes)))
        if not faults and self.comparison == "corr" and n is not None and n_classes is not None and n - n_classes < 2:
            yield (
                f"{key}.of: paths correlate RDMs with that of the classes, which is constant once a stimulus of "
                f"{name!r} is left out; choose more of a class, or comparison: cosine"
            )

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        networks = self.networks(nouns)
        models: dict[str, set[str]] = {}
        for network in networks:
            models.setdefault(_shown(nouns, network), set()).add(network.model)
        several_sets = len({network.stimuli for network in networks}) > 1
        # Seeds may see images of their own, as long as the same models see each.
        if several_sets or any(seen != models[_shown(nouns, networks[0])] for seen in models.values()):
            yield (
                f"{key}.of: paths need one shared input, but networks see different stimuli, {', '.join(models)}; "
                "name one set, and if it is attacked then with the gradients of one model"
            )
        if any(network.nodes and not _has_input(network.nodes) for network in networks):
            yield f"{key}.of: paths begin at the input, which is not among the nodes; add it"
        if self.disparity_with:
            yield from _disparity_faults(f"{key}.disparity_with", self.disparity_with, nouns, networks, siblings)


class Spectrum(Analysis):
    """Singular values of nodes' activations, and the first two principal components of the stimuli."""

    kind: Literal["spectrum"]

    fewest: ClassVar[int] = 2
    one_network: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from _several(key, self.kind, self.networks(nouns))


class Generalisation(Analysis):
    """Ridge regression from ratings of the stimuli `rated` to those of `of`, node by node, with a page of sliders."""

    kind: Literal["generalisation"]
    rated: Name
    ridge: Positive = 0.99

    one_network: ClassVar[bool] = True
    page: ClassVar[bool] = True

    def stimulus_sets(self, nouns: Nouns) -> list[str]:  # noqa: D102
        return [*super().stimulus_sets(nouns), self.rated]

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from unknown(f"{key}.rated", self.rated, nouns.stimuli)
        yield from _several(key, self.kind, self.networks(nouns))


def _several(key: str, kind: str, networks: Sequence[Network]) -> Iterator[str]:
    """One network at several epochs, repetitions of its canvases or lists of nodes, where there is room for one."""
    if len({(n.model, n.seed, n.set) for n in networks}) == 1 < len(networks):
        yield f"{key}.of: {kind} has room for one network at one epoch; give each an analysis of its own"


def _disparity_faults(
    key: str, name: str, nouns: Nouns, networks: Sequence[Network], siblings: Mapping[str, Analysis]
) -> Iterator[str]:
    other = siblings.get(name)
    if not isinstance(other, GeometryPaths):
        yield f"{key}: no analysis {name!r} of kind paths in this study"
    elif [n[:3] for n in other.networks(nouns)] != [n[:3] for n in networks]:
        yield f"{key}: {name!r} is of other networks, whose paths have other nodes; name an analysis of the same ones"


def _shown(nouns: Nouns, network: Network) -> str:
    """The stimuli that a network sees, and with whose gradients they were attacked."""
    section = nouns.stimuli[network.set]
    if not isinstance(section, Attacked):
        return repr(network.stimuli)
    model, seed = nouns.attacker_of(section, network.model, network.seed)
    return f"{network.stimuli!r} of {model!r} (seed {seed})"


def _has_input(nodes: Sequence[str]) -> bool:
    """Whether names or patterns hold the input, which networks call so, or `input_t1` at the first of several steps."""
    return any(fnmatchcase(name, node) for node in nodes for name in ("input", "input_t1"))
