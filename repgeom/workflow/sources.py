"""Where images and weights come from, for rules: files, digests, and which names a rule is about."""

import os
from collections.abc import Iterable
from pathlib import Path

from snakemake.io import local

from repgeom.config.configuration import Configuration
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import REPETITION
from repgeom.models import nodes
from repgeom.models.nodes import library_of
from repgeom.workflow import artifacts
from repgeom.workflow.folders import folder_digest
from repgeom.workflow.stored import COPIES


def domain_files(c: Nouns, dataset: str | None) -> list[str]:
    """The dataset files of the two domains that canvases are made of; of the dataset itself if it holds images."""
    if dataset is None:
        return []
    names = c.datasets[dataset].domains if c.is_clutter(dataset) else [dataset]
    return [artifacts.DATASET.format(dataset=name) for name in names]


def dataset_content(c: Nouns, dataset: str) -> str | None:
    """A digest of the images in a user's folder; None where code, configuration and inputs say what the images are."""
    section = c.datasets[dataset]
    return folder_digest(section.path, section.labels) if section.source == "folder" else None


def dataset_files(c: Nouns, dataset: str) -> list[str]:
    """The file of a user's own arrays, as an input."""
    section = c.datasets[dataset]
    return [here(section.path)] if section.source == "arrays" else []


def canvas_recipe(c: Nouns, dataset: str) -> dict:
    """How the canvases of a dataset are made."""
    section = c.datasets[dataset]
    return {"recipe": section.recipe(), "held_out": section.held_out}


def imported_canvases(c: Nouns, model: str) -> dict | None:
    """How the canvases are made on which imported weights are tested; None where they are for stored images."""
    dataset = c.models[model].dataset
    return canvas_recipe(c, dataset) if dataset and c.is_clutter(dataset) else None


def trained_on(c: Nouns, canvases: bool) -> str:
    """The models that are trained on canvases, or those on stored images, as a regular expression."""
    return one_of(
        name for name, model in c.models.items() if model.training and c.is_clutter(model.dataset) == canvases
    )


def imported(c: Nouns) -> str:
    """The models whose weights come from elsewhere, as a regular expression."""
    return one_of(name for name, model in c.models.items() if model.source)


def start_weights(c: Nouns, model: str, seed: int) -> list[str]:
    """The weights that training begins with, as an input; nothing where they are drawn."""
    start = c.models[model].start
    if start is None:
        return []
    seeds = c.models[start].seeds
    return [artifacts.WEIGHTS.format(model=start, seed=seed if seed in seeds else seeds[0])]


def data_folder(c: Configuration) -> str:
    """Where downloads are kept: as the environment says, or the configuration."""
    return os.environ.get("REPGEOM_DATA_DIR") or c.data_dir or "data"


def here(file: str) -> str:
    """A file of the user's, as an input: it stays where it is, also where results are kept in object storage."""
    return local(file) if COPIES in os.environ else file


def weights_file(c: Nouns, model: str) -> list[str]:
    """The file of imported weights, as an input; nothing where they are downloaded."""
    return [here(path)] if (path := c.models[model].source.path) else []


def weights_source(c: Nouns, model: str) -> dict:
    """Address and checksum of imported weights, or the name that they are published by."""
    section = c.models[model].source
    named = {"pretrained": section.pretrained} if section.pretrained else {}
    return {"url": section.url, "checksum": section.checksum()} | named


def model_modules(c: Nouns, model: str) -> list[str]:
    """The Python files that build a model, beside what every script imports: a user's own, or ours for a library."""
    of_library = library_of(c.models[model].architecture)
    return [library_networks(of_library[0])] if of_library else user_files(c, model)


def files_given(c: Nouns) -> list[str]:
    """All files of weights, arrays and code that the configuration names."""
    weights = [file for name, model in c.models.items() if model.source for file in weights_file(c, name)]
    arrays = [file for name in c.datasets for file in dataset_files(c, name)]
    return [*weights, *arrays, *files_of_models(c, c.models)]


def files_of_models(c: Nouns, models: Iterable[str]) -> list[str]:
    """The users' own files among those that build some models, each once."""
    return list(dict.fromkeys(file for model in models for file in user_files(c, model)))


def library_networks(library: str) -> str:
    """The module that builds networks of a library; only models that are of it depend on its version."""
    return str(Path(nodes.__file__).with_name(f"{library}_networks.py"))


def recorded_nodes(c: Nouns, model: str, stimuli: str) -> list[str] | None:
    """The nodes to record: those that the stimuli name, else those that the model names; None for all."""
    return c.stimulus_section(stimuli).nodes or c.models[model].nodes


def user_files(c: Nouns, model: str) -> list[str]:
    """The Python file of a user's own architecture, as an input; nothing for a built-in one."""
    return [here(file)] if (file := c.models[model].user_file) else []


def stimuli_of_kind(c: Nouns, kind: str) -> str:
    """The stimulus sets of a kind, as a regular expression; repetitions of canvases included."""
    names = one_of(name for name, s in c.stimuli.items() if s.kind == kind)
    return rf"({names})({REPETITION}\d+)?"


def data_from(c: Nouns, *sources: str) -> str:
    """The measured data that come from one of `rdms, responses, simulated`, as a regular expression."""
    return one_of(name for name, data in c.data.items() if any(getattr(data, source) for source in sources))


def simulated_from(c: Nouns, data: str) -> str:
    """The coordinates of the network whose node simulated subjects respond like; its first seed."""
    simulated = c.data[data].simulated
    network = Network(simulated.model, c.models[simulated.model].seeds[0], stimuli=simulated.stimuli)
    return artifacts.of_network(artifacts.COORDINATES, network)


def one_of(names) -> str:
    """A regular expression that matches each of some names; nothing where there are none."""
    return "|".join(names) or "(?!)"
