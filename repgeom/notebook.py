"""Results in a notebook: from a model, a node and stimuli to activations, coordinates, RDMs and tables.

import repgeom

results = repgeom.open("results")
shown = results.network("net16", "test20")
shown.rdm("conv")
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.spatial.distance import squareform

from repgeom.coordinates.reduction import Coordinates
from repgeom.errors import InputError, nearest
from repgeom.measures.names import RDM_MEASURES
from repgeom.measures.rdm import LABELS, compute_rdm
from repgeom.store.activations import open_activations
from repgeom.store.coordinates import open_coordinates
from repgeom.store.names import LAST
from repgeom.store.stimuli import StimulusSet, read_class_names, read_stimuli
from repgeom.store.tables import read_table
from repgeom.store.zarr import open_group
from repgeom.workflow import artifacts

KINDS = (artifacts.COORDINATES, artifacts.ACTIVATIONS)
"""Files of a network that is shown stimuli."""
STIMULI = artifacts.STIMULI.partition("{")[0]
"""Where stimuli lie."""


class Results:
    """What a run has made.

    Parameters
    ----------
    folder : path
        `results`, or the folder that holds it.

    Raises
    ------
    InputError
        There is no such folder.
    """

    def __init__(self, folder: str | Path = "results"):
        folder = Path(folder)
        self.root = folder.parent if folder.name == "results" else folder
        if not (self.root / "results").is_dir():
            raise InputError(f"{folder}: no results here; name the folder called results, or the one that holds it")

    def __repr__(self) -> str:
        found = self.networks
        return f"results in {self.root.resolve()}: networks shown stimuli: {len(found)}, tables: {len(self.tables)}"

    @property
    def networks(self) -> pd.DataFrame:
        """Every network that was shown stimuli: `model, seed, epoch, stimuli`."""
        names = ("model", "seed", "epoch", "stimuli")
        found = {values for template in KINDS for values in self._matches(template)}
        table = pd.DataFrame(sorted(found), columns=names)
        return table.assign(seed=table["seed"].astype(int))

    @property
    def tables(self) -> list[str]:
        """The tables that analyses have written, as `study/analysis`."""
        folder = self.root / artifacts.TABLE.partition("{")[0]
        return sorted(file.relative_to(folder).with_suffix("").as_posix() for file in folder.rglob("*.csv"))

    def table(self, name: str) -> pd.DataFrame:
        """The numbers behind a figure, by `study/analysis`; checked against its checksum."""
        if name not in self.tables:
            raise InputError(f"no table {name!r}; {nearest(name, self.tables)}")
        return read_table(self.root / artifacts.TABLE.format(analysis=name))

    def history(self, model: str, seed: int | None = None) -> pd.DataFrame:
        """Loss and accuracy of a network over training, of its first seed where none is named."""
        seed = self._seed(model, seed)
        return read_table(self.root / artifacts.HISTORY.format(model=model, seed=seed))

    def network(self, model: str, stimuli: str, seed: int | None = None, epoch: str | int = LAST) -> "Shown":
        """A network that was shown stimuli, of the first seed there is where none is named.

        Raises
        ------
        InputError
            It was not shown these; names the nearest that there is.
        """
        seed = self._seed(model, seed)
        epoch = epoch if isinstance(epoch, str) else f"epoch{epoch:03d}"
        place = {"model": model, "seed": seed, "epoch": epoch, "stimuli": stimuli}
        if not any((self.root / template.format(**place)).is_file() for template in KINDS):
            known = self.networks
            of_model = known[(known["model"] == model) & (known["seed"] == seed) & (known["epoch"] == epoch)]
            raise InputError(f"{model!r} was not shown {stimuli!r}; {nearest(stimuli, of_model['stimuli'])}")
        return Shown(self.root, place)

    def _seed(self, model: str, seed: int | None) -> int:
        known = self.networks
        of_model = known.loc[known["model"] == model, "seed"]
        if of_model.empty:
            raise InputError(f"no model {model!r}; {nearest(model, known['model'].unique())}")
        if seed is not None and seed not in set(of_model):
            raise InputError(f"{model!r} has no seed {seed}; it has {sorted(set(of_model))}")
        return int(of_model.min()) if seed is None else seed

    def _matches(self, template: str) -> list[tuple[str, str, str, str]]:
        """What stands for (model, seed, epoch, stimuli) in the files of a template that there are."""
        pattern = template.format(model="*", seed="*", epoch="*", stimuli="*")
        found = []
        for file in self.root.glob(pattern):
            model, seed, epoch, name = file.relative_to(self.root).parts[-4:]
            found.append((model, seed.removeprefix("seed"), epoch, name.removesuffix(".zarr.zip")))
        return found


@dataclass(frozen=True)
class Shown:
    """A network that was shown stimuli. Rows of all arrays are the stimuli, in the order of `ids`."""

    root: Path
    place: dict

    def __repr__(self) -> str:
        return f"{self.place['model']}, seed {self.place['seed']}, shown {len(self.ids)} {self.place['stimuli']}"

    @property
    def nodes(self) -> list[str]:
        """The nodes that were recorded, in execution order."""
        return list(self._info[0])

    @property
    def ids(self) -> np.ndarray:
        """(n,): the id of every stimulus."""
        return self._info[1].ids

    @property
    def descriptors(self) -> pd.DataFrame:
        """One row per stimulus: id, class, the class that the network reports, and whatever else is known."""
        stimuli, names = self._info[1], dict(enumerate(self.class_names))
        table = pd.DataFrame({"id": stimuli.ids, "label": stimuli.labels, **stimuli.descriptors})
        table.insert(1, "class", table["label"].map(names))
        return table

    @cached_property
    def stimuli(self) -> StimulusSet:
        """The images that it was shown."""
        return read_stimuli(self._stimuli_file())

    @cached_property
    def class_names(self) -> list[str]:
        """What the classes are called; empty where the stimuli do not say."""
        return read_class_names(self._stimuli_file())

    def activations(self, node: str) -> np.ndarray:
        """(n, …): what a node computes, in the node's own shape."""
        with open_activations(self._file(artifacts.ACTIVATIONS)) as file:
            return file.read(node).reshape(len(self.ids), *file.nodes[node]["shape"])

    def coordinates(self, node: str) -> Coordinates:
        """Coordinates that keep every inner product of a node's activations."""
        with open_coordinates(self._file(artifacts.COORDINATES)) as file:
            return file.read(node)

    def rdm(self, node: str, measure: str = "correlation") -> np.ndarray:
        """(n, n): dissimilarity of the responses to every two stimuli; `correlation`, `euclidean` or `cosine`."""
        _check_measure(measure)
        return squareform(compute_rdm(self.coordinates(node), measure, f"{self!r}, node {node!r}"), checks=False)

    def draw_rdm(self, node: str, measure: str = "correlation", thumbnails: int = 20) -> Figure:
        """The RDM of a node, stimuli ordered by class, with so many of their images along its sides."""
        from repgeom.figures.rdm_thumbnails import rdm_with_thumbnails

        order = np.argsort(self.stimuli.labels, kind="stable")
        matrix = self.rdm(node, measure)[np.ix_(order, order)]
        title = f"{self.place['model']}, {node}"
        return rdm_with_thumbnails(matrix, self.stimuli.images[order], LABELS[measure], title, thumbnails)

    @cached_property
    def _info(self) -> tuple:
        """Nodes and stimuli, from whichever file there is."""
        if (self.root / artifacts.COORDINATES.format(**self.place)).is_file():
            with open_coordinates(self._file(artifacts.COORDINATES)) as file:
                return file.nodes, file.stimuli
        with open_activations(self._file(artifacts.ACTIVATIONS)) as file:
            return file.nodes, file.stimuli

    def _file(self, template: str) -> Path:
        path = self.root / template.format(**self.place)
        if not path.is_file():
            raise InputError(f"{path}: not there; `snakemake {template.format(**self.place)}` makes it")
        return path

    def _stimuli_file(self) -> Path:
        """The file of what it was shown, as provenance tells: attacked images may be another network's."""
        for template in KINDS:
            path = self.root / template.format(**self.place)
            for made_of in _inputs(path) if path.is_file() else []:
                if made_of.startswith(STIMULI) and (self.root / made_of).is_file():
                    return self.root / made_of
        raise InputError(f"{self!r}: the file of its stimuli is not there any more; snakemake makes it again")


def _inputs(path: Path) -> list[str]:
    """The files that an artifact was made of."""
    with open_group(path) as group:
        return list(dict(group.attrs)["provenance"]["inputs"])


def _check_measure(measure: str) -> None:
    if measure not in RDM_MEASURES:
        raise InputError(f"no measure {measure!r}; {nearest(measure, RDM_MEASURES)}")
