"""Published numbers beside ours: the table that each study contributes to `reproduction.csv`."""

from collections.abc import Iterable, Mapping

import pandas as pd

from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.measures.uncertainty import Estimate
from repgeom.store.names import published_dataset

QUANTITIES = {
    "capacity": "capacity",
    "radius": "radius",
    "dimension": "dimension",
    "centre_correlation": "centre correlation",
}
"""Columns of capacity tables, and how reference tables call them."""

SAME_IMAGES = ", same images"
"""What the name of a quantity ends with whose reference was measured on the very images of our run."""

OVER_DRAWS = ", over draws of images"
"""What the name of a quantity ends with that is a median over random choices of images."""

REPRODUCTION_COLUMNS = {
    "study": "name of the study",
    "quantity": "what was measured",
    "dataset": "where the images come from",
    "ours": "our value, a mean over seeds or networks where there are several",
    **INTERVAL_COLUMNS,
    "reference": "the published value; empty where our run used other data",
    "source": "where the published value stands",
}


def reproduction_table(
    study: str, parts: Iterable[tuple[str, Mapping[str, Estimate], bool]], references: pd.DataFrame
) -> pd.DataFrame:
    """Put our numbers beside the published ones.

    Parameters
    ----------
    study : str
    parts : iterable of (dataset, numbers, every)
        Of each analysis: where its images come from, quantity → estimate, and whether every number stands in the
        table or only those that published ones name. A quantity that two analyses have is taken from the first.
    references : DataFrame
        Columns `quantity, dataset, reference, source`. A reference that was measured on another dataset is left empty;
        the first images of MNIST, `mnist-10k`, are no other one.
    """
    rows = {}
    for dataset, numbers, every in parts:
        comparable = references[references["dataset"] == published_dataset(dataset)].set_index("quantity")[
            ["reference", "source"]
        ]
        new = {name: estimate for name, estimate in numbers.items() if name not in rows}
        ours = with_same_images(new, comparable.index)
        for quantity in beside(ours, references["quantity"], every):
            name = published_name(quantity)
            published = comparable.loc[name] if name in comparable.index else (None, None)
            rows[quantity] = [study, quantity, dataset, *ours[quantity], *published]
    return pd.DataFrame(rows.values(), columns=list(REPRODUCTION_COLUMNS))


def beside(ours: Mapping[str, Estimate], published: Iterable[str], every: bool = False) -> list[str]:
    """Which of our numbers stand in a table: those that published ones name, in their order; all where none is named.

    With `every`, the others follow.

    A median over draws of images stands where the published number of one choice of images does.
    """
    places = {name: place for place, name in enumerate(published)}
    named = [name for name in ours if published_name(name) in places]
    ordered = sorted(named, key=lambda name: places[published_name(name)])
    return [*ordered, *(name for name in ours if name not in named)] if every or not named else ordered


def published_name(quantity: str) -> str:
    """The published number that stands beside one of ours."""
    return quantity.removesuffix(OVER_DRAWS)


def with_same_images(ours: Mapping[str, Estimate], published: Iterable[str]) -> dict[str, Estimate]:
    """Our numbers, also under those names of published ones that were measured on the same images."""
    bases = {name: name.removesuffix(SAME_IMAGES) for name in published if name.endswith(SAME_IMAGES)}
    return dict(ours) | {name: ours[base] for name, base in bases.items() if base in ours}


def reference_values(references: pd.DataFrame, dataset: str, nodes: Iterable[str]) -> dict[tuple[str, str], float]:
    """(column of the capacity table, node) → published value, where there is one for this dataset."""
    found = references[references["dataset"] == published_dataset(dataset)].set_index("quantity")["reference"]
    names = {(name, node): f"{spoken} at {node}" for name, spoken in QUANTITIES.items() for node in nodes}
    return {key: float(found[quantity]) for key, quantity in names.items() if quantity in found.index}
