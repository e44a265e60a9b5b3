"""RDMs, embeddings, paths through the space of geometries, spectra."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from repgeom.config.analyses.base import Analysis
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.references import unknown
from repgeom.config.section import Count, Name, Positive, Seed
from repgeom.measures.names import Comparison, RDMMeasure


class RDMPanels(Analysis):
    """RDMs, a row for each network: its nodes side by side, or over `time` a row for each layer.

    `labels` adds the RDM of the class labels.
    """

    kind: Literal["rdms"]
    measure: RDMMeasure = "correlation"
    over: Literal["nodes", "time"] = "nodes"
    labels: bool = False

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        if self.over == "time" and len(self.networks(nouns)) > 1:
            yield f"{key}.of: rdms over time have room for one network; give each an analysis of its own"
        counts = {n.set: nouns.n_stimuli(n.set) for n in self.networks(nouns)}
        if len(set(counts.values())) > 1:
            yield f"{key}.of: sets of different size, {counts}; a table holds the same pairs of stimuli for all"


class Embeddings(Analysis):
    """PCA, metric MDS and t-SNE of the stimuli at some nodes of a network."""

    kind: Literal["embeddings"]
    perplexity: Positive = 40.0

    one_network: ClassVar[bool] = True

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        return {"embeddings": {"perplexity": self.perplexity, "nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for name in dict.fromkeys(network.set for network in self.networks(nouns)):
            n = nouns.n_stimuli(name)
            if n is not None and self.perplexity >= n:
                yield f"{key}.perplexity: {self.perplexity:g} for the {n} stimuli of {name!r}; choose less than {n}"


class GeometryPaths(Analysis):
    """Paths of networks through the space of geometries, from their shared input towards the labels.

    `disparity_with` names another analysis of the study whose map is laid over this one's.
    """

    kind: Literal["paths"]
    comparison: Comparison = "cosine"
    resamples: Count = 1000
    seed: Seed = 0
    disparity_with: Name | None = None

    coloured: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        sets = list(dict.fromkeys(network.set for network in self.networks(nouns)))
        if len(sets) > 1:
            yield f"{key}.of: paths of networks that see different stimuli, {sets}, do not compare; name one set"
        if self.disparity_with and not isinstance(siblings.get(self.disparity_with), GeometryPaths):
            yield f"{key}.disparity_with: no analysis {self.disparity_with!r} of kind paths in this study"


class Spectrum(Analysis):
    """Singular values of nodes' activations, and their first two principal components."""

    kind: Literal["spectrum"]

    one_network: ClassVar[bool] = True


class Generalisation(Analysis):
    """Ridge regression from ratings of the stimuli `rated` to those of `of`, node by node, with a page of sliders."""

    kind: Literal["generalisation"]
    rated: Name
    ridge: Positive = 0.99

    one_network: ClassVar[bool] = True
    page: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from unknown(f"{key}.rated", self.rated, nouns.stimuli)
