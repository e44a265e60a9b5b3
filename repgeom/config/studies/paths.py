"""Study paths: geometry paths of models, RDM rows and embeddings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from repgeom.config.references import node_faults, unknown
from repgeom.config.section import Count, Name, Nodes, Positive, Section, Seed

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration


Comparison = Literal["cosine", "corr", "spearman", "tau-a", "rho-a"]
"""How two RDMs are compared."""


class Shown(Section):
    """A model (its first seed) that is shown a stimulus set."""

    model: Name
    stimuli: Name


class Row(Shown):
    """A row of RDMs."""

    nodes: Nodes


class Embedding(Shown):
    """A grid of embeddings: methods as rows, nodes as columns."""

    nodes: Nodes
    perplexity: Positive = 40.0


class Path(Section):
    """The paths of one or more models through the space of geometries, over the same images."""

    title: str
    members: Annotated[list[Shown], Field(min_length=1, max_length=4)]


class GeometryPaths(Section):
    """Study 2: computation as a path of representational geometries."""

    rdm_rows: Annotated[list[Row], Field(min_length=1)]
    embeddings: dict[Name, Embedding]
    paths: dict[Name, Path]
    comparison: Comparison = "cosine"
    resamples: Count = 1000
    seed: Seed = 0
    reach_clean: Name
    reach_attacked: Name
    few: Name
    many: Name
    recurrent: Name

    def faults(self, c: "Configuration") -> Iterator[str]:
        """Names that lead nowhere."""
        key = "studies.paths"
        rows = {f"rdm_rows.{i}": row for i, row in enumerate(self.rdm_rows)}
        rows |= {f"embeddings.{name}": e for name, e in self.embeddings.items()}
        for place, row in rows.items():
            yield from node_faults(c, f"{key}.{place}.model", row.model, f"{key}.{place}.nodes", row.nodes)
            yield from unknown(f"{key}.{place}.stimuli", row.stimuli, c.stimuli)
        for name, path in self.paths.items():
            yield from _path_faults(c, f"{key}.paths.{name}", path)
        yield from unknown(f"{key}.recurrent", self.recurrent, c.models)
        for field in ("reach_clean", "reach_attacked", "few", "many"):
            yield from unknown(f"{key}.{field}", getattr(self, field), self.paths)
        for field in ("reach_clean", "reach_attacked"):
            if len(getattr(self.paths.get(getattr(self, field)), "members", [0, 0])) != 2:
                yield f"{key}.{field}: names a path with two members, the standard and the adversarially trained model"


def _path_faults(c: "Configuration", key: str, path: Path) -> Iterator[str]:
    models = [member.model for member in path.members]
    if len(set(models)) < len(models):
        yield f"{key}.members: a model occurs twice; one path holds each model once"
    for i, member in enumerate(path.members):
        yield from unknown(f"{key}.members.{i}.model", member.model, c.models)
        yield from unknown(f"{key}.members.{i}.stimuli", member.stimuli, c.stimuli)
