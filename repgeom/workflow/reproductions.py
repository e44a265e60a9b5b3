"""What a table of reproduction reads: tables of other analyses of its study, and published numbers."""

from collections.abc import Iterable
from pathlib import Path

from repgeom.config.analyses.recurrence import Perturbation
from repgeom.config.analyses.reproduction import Numbers, Reproduction
from repgeom.config.nouns import Nouns
from repgeom.errors import InputError
from repgeom.workflow import artifacts
from repgeom.workflow.plan import Plan
from repgeom.workflow.published import as_published, comparable
from repgeom.workflow.references import read_references

ELSEWHERE = {"paths": artifacts.NUMBERS}
"""Kinds whose numbers stand in another table than the figure's."""


def numbers_read(plan: Plan, analysis: str) -> list[dict]:
    """The analyses whose numbers stand in a table of reproduction, as a param.

    Each is told by `kind`, `prefix`, `every`, `table`, `dataset` (where its images come from) and what the names and
    intervals of its kind need: labels of `stimuli`, or `n_test`, how many images each model is tested on in training.
    """
    return [_read(plan, name, numbers) for name, numbers in _compared(plan, analysis)]


def references_of_analyses(root: str | Path, plan: Plan) -> dict[str, list[dict]]:
    """Analysis of kind reproduction → the published numbers that are about the same quantities as ours, as a param.

    Raises
    ------
    InputError
        Names the analysis whose references are not there, or cannot be read.
    """
    found = {}
    for name, section in plan.analyses.items():
        if isinstance(section, Reproduction):
            try:
                rows = read_references(root, section.references)
            except InputError as error:
                raise InputError(f"configuration: studies.{name.replace('/', '.')}.references: {error}") from None
            for other, _ in _compared(plan, name):
                if isinstance(plan.analyses[other], Perturbation):
                    rows = comparable(rows, plan.analyses[other].swaps)
            found[name] = rows
    return found


def source_of_images(c: Nouns, models: Iterable[str], stimuli: Iterable[str]) -> str:
    """Where the images come from that models were shown, or trained on where they were shown nothing.

    Networks that are trained on other canvases than the published ones, or are others, are said to be so.
    """
    models = list(models)
    datasets = [c.dataset_of(name) for name in stimuli] or [c.models[name].dataset for name in models]
    sources = ", ".join(dict.fromkeys(c.source_of(dataset) for dataset in datasets if dataset))
    on_canvases = [name for name in models if c.is_clutter(c.models[name].dataset)]
    return sources if all(as_published(c, name) for name in on_canvases) else f"{sources}, not as published"


def _compared(plan: Plan, analysis: str) -> list[tuple[str, Numbers]]:
    study = analysis.partition("/")[0]
    return [(f"{study}/{numbers.analysis}", numbers) for numbers in plan.analyses[analysis].of]


def _read(plan: Plan, analysis: str, numbers: Numbers) -> dict:
    kind, networks = plan.analyses[analysis].kind, plan.networks(analysis)
    models = dict.fromkeys(network.model for network in networks)
    stimuli = dict.fromkeys(network.set for network in networks if network.set)
    needed = {
        "history": {"n_test": {name: plan.c.n_tested(name) for name in models}},
        "accuracy": {"stimuli": {name: plan.c.stimuli_label(name) for name in stimuli}},
    }
    return {
        "kind": kind,
        "prefix": numbers.prefix,
        "every": numbers.every,
        "table": ELSEWHERE.get(kind, artifacts.TABLE).format(analysis=analysis),
        "dataset": source_of_images(plan.c, models, stimuli),
    } | needed.get(kind, {})
