"""What jobs read and are told, found by their wildcards: of one network, or of all that an analysis looks at.

Methods that take wildcards are input functions (or params) of rules as they stand; the others make one.
"""

from collections.abc import Callable
from pathlib import Path

from repgeom.config.analyses.base import Analysis
from repgeom.workflow import artifacts, published, shown, sources
from repgeom.workflow.plan import Plan

Wildcards = object
"""Wildcards of a job: an attribute each, and `items()`."""
InputFunction = Callable[[Wildcards], str | list[str]]


def first(found: InputFunction) -> InputFunction:
    """Of what shows one network: the first of the files that another input function finds."""
    return lambda w: found(w)[0]


class OfNetwork:
    """Of the network and stimulus set that the wildcards `model`, `seed`, `epoch` and `stimuli` name."""

    def __init__(self, plan: Plan, recorded: str, parts: int):
        self._plan, self._c, self._recorded, self._parts = plan, plan.c, recorded, parts

    def network(self, w: Wildcards) -> dict:
        """What defines the network."""
        return self._c.models[w.model].network()

    def descriptors(self, w: Wildcards) -> dict[str, str]:
        """What an artifact is about."""
        return {"model": w.model, "seed": w.seed, "epoch": w.epoch, "stimuli": w.stimuli}

    def user_files(self, w: Wildcards) -> list[str]:
        """The Python file of a user's own architecture; nothing for a built-in one."""
        return sources.user_files(self._c, w.model)

    def modules(self, w: Wildcards) -> list[str]:
        """The files whose code counts where the network is built: a user's own, and what they import."""
        return sources.model_modules(self._c, w.model)

    def start_weights(self, w: Wildcards) -> list[str]:
        """The weights that training begins with; nothing where they are drawn."""
        return sources.start_weights(self._c, w.model, int(w.seed))

    def stimuli(self, w: Wildcards) -> str:
        """What the network is shown."""
        return artifacts.stimuli_path(self._c, w.stimuli, w.model, int(w.seed))

    def dataset(self, w: Wildcards) -> str:
        """The dataset that the stimuli were chosen from."""
        return artifacts.DATASET.format(dataset=self._c.dataset_of(w.stimuli))

    def training_dataset(self, w: Wildcards) -> str:
        """The dataset that the network is trained on."""
        return artifacts.DATASET.format(dataset=self._c.models[w.model].dataset)

    def training_domains(self, w: Wildcards) -> list[str]:
        """The datasets behind the canvases that the network is trained on."""
        return sources.domain_files(self._c, self._c.models[w.model].dataset)

    def canvases(self, w: Wildcards) -> dict:
        """How the canvases are drawn that the network is trained on."""
        return sources.canvas_recipe(self._c, self._c.models[w.model].dataset)

    def nodes(self, w: Wildcards) -> list[str] | None:
        """The nodes whose coordinates are made; None for all."""
        return sources.recorded_nodes(self._c, w.model, w.stimuli)

    def kept_nodes(self, w: Wildcards) -> list[str] | None:
        """The nodes in files of activations: where coordinates come without any, those that analyses read."""
        return self._plan.kept_nodes(artifacts.ACTIVATIONS.format(**self.descriptors(w))) or self.nodes(w)

    def recorded(self, w: Wildcards) -> str | list[str]:
        """What jobs record of the stimuli: one file, or part by part."""
        values = dict(w.items())
        if self._parts == 1:
            return self._recorded.format(**values)
        return [self._recorded.format(part=k, parts=self._parts, **values) for k in range(1, self._parts + 1)]

    def options(self, measure: str) -> Callable[[Wildcards], dict]:
        """The options behind the name of a measure's table."""
        return lambda w: self._plan.options(measure, w.options)

    def by_option(self, measure: str, template: str, key: str) -> InputFunction:
        """Another file of the network, or of data, that one of the options names."""
        return lambda w: template.format(**dict(w.items()), **{key: self._plan.options(measure, w.options)[key]})

    def held_out(self, w: Wildcards) -> str:
        """The other model that is shown the metamers which the wildcards name."""
        return self._plan.options("metamers", w.options)["held_out"]

    def held_out_weights(self, w: Wildcards) -> list[str]:
        """The weights of all its seeds."""
        return artifacts.all_weights(self._c, self.held_out(w))

    def held_out_network(self, w: Wildcards) -> dict:
        """What defines that model."""
        return self._c.models[self.held_out(w)].network()

    def user_files_with_held_out(self, w: Wildcards) -> list[str]:
        """The Python files of users' own architectures among the two."""
        return self.user_files(w) + sources.user_files(self._c, self.held_out(w))

    def modules_with_held_out(self, w: Wildcards) -> list[str]:
        """The files whose code counts where both are built."""
        return self.modules(w) + sources.model_modules(self._c, self.held_out(w))


class OfAnalysis:
    """Of all networks that the analysis of wildcard `analysis` looks at, in the order of the configuration."""

    def __init__(self, plan: Plan, root: Path):
        self._plan, self._c, self._root = plan, plan.c, root

    def section(self, w: Wildcards) -> Analysis:
        """The configuration of the analysis."""
        return self._plan.analyses[w.analysis]

    def told(self) -> dict[str, Callable[[Wildcards], object]]:
        """What every figure is about, as params: its networks, their names, and all other keys of its section."""
        return {
            "networks": lambda w: self._plan.described(w.analysis),
            "names": lambda w: self._plan.names(w.analysis),
            "options": lambda w: self.section(w).drawn(),
        }

    def files(self, template: str, **fixed: str) -> InputFunction:
        """One file for each network."""
        return lambda w: self._plan.files(w.analysis, template, **fixed)

    def measures(self, measure: str, template: str = artifacts.MEASURES) -> InputFunction:
        """The table (or arrays) of a measure for each network."""
        return lambda w: self._plan.measures(w.analysis, measure, template)

    def rdms(self, w: Wildcards) -> list[str]:
        """RDMs of each network, by the measure that the analysis names."""
        return self._plan.files(w.analysis, artifacts.RDMS, measure=self.section(w).measure)

    def rdms_of_agreement(self, w: Wildcards) -> list[str]:
        """The same where the analysis asks how far seeds agree."""
        return self.rdms(w) if self.section(w).agreement else []

    def stimuli(self, w: Wildcards) -> list[str]:
        """What each network is shown."""
        return self._plan.stimuli(w.analysis)

    def originals(self, w: Wildcards) -> list[str]:
        """The same before any attack: where the names of classes stand."""
        return shown.original_files(self._c, self._plan.networks(w.analysis))

    def other_stimuli(self, w: Wildcards) -> list[str]:
        """The further stimulus set that the analysis names."""
        return self._plan.shown(w.analysis, self.section(w).others)

    def compared(self, w: Wildcards) -> list[dict]:
        """The networks of another analysis that paths are compared with."""
        return [network._asdict() for network in self._plan.compared(w.analysis)]

    def compared_rdms(self, w: Wildcards) -> list[str]:
        """Their RDMs."""
        return artifacts.of_networks(artifacts.RDMS, self._plan.compared(w.analysis), measure="euclidean")

    def rated_activations(self, w: Wildcards) -> list[str]:
        """Activations of each network for the images that have ratings."""
        return artifacts.of_networks(artifacts.ACTIVATIONS, self._plan.rated(w.analysis))

    def rated_stimuli(self, w: Wildcards) -> list[str]:
        """Those images."""
        rated = self._plan.rated(w.analysis)
        return [artifacts.stimuli_path(self._c, n.stimuli, n.model, n.seed) for n in rated]

    def user_files(self, w: Wildcards) -> list[str]:
        """The Python files of users' own architectures among the models."""
        return [file for model in self._models(w) for file in sources.user_files(self._c, model)]

    def modules(self, w: Wildcards) -> list[str]:
        """The files whose code counts where the networks are built."""
        return [file for model in self._models(w) for file in sources.model_modules(self._c, model)]

    def network(self, w: Wildcards) -> dict:
        """What defines the first network."""
        return self._c.models[self._plan.networks(w.analysis)[0].model].network()

    def canvases(self, w: Wildcards) -> dict:
        """How the canvases of the dataset are drawn that the analysis names."""
        return sources.canvas_recipe(self._c, self.section(w).dataset)

    def domains(self, w: Wildcards) -> list[str]:
        """The datasets behind them."""
        return sources.domain_files(self._c, self.section(w).dataset)

    def data_label(self, w: Wildcards) -> str:
        """What figures call the measured data that the analysis names."""
        return self._c.data_label(self.section(w).data)

    def titles(self, w: Wildcards) -> list[str]:
        """What each network is shown, in words."""
        return shown.shown_titles(self._c, self._plan.networks(w.analysis))

    def classes(self, w: Wildcards) -> dict[str, int | None]:
        """Stimulus set → number of classes."""
        return shown.class_counts(self._c, self._plan.networks(w.analysis))

    def changed(self, w: Wildcards) -> str:
        """What was done to the stimuli at several strengths."""
        return shown.changed_by(self._c, self._plan.networks(w.analysis)[0])

    def images(self, w: Wildcards) -> str:
        """Where the images come from that the first network is shown: `mnist`, for instance."""
        return self._c.source_of(self._c.dataset_of(self._plan.networks(w.analysis)[0].set))

    def published(self, w: Wildcards) -> list[dict]:
        """The published numbers that a figure may draw beside its own."""
        networks, numbers = self._plan.networks(w.analysis), published.reference_rows(self._root)
        return published.published_beside(self._c, self.section(w), networks, numbers)

    def _models(self, w: Wildcards) -> list[str]:
        return list(dict.fromkeys(network.model for network in self._plan.networks(w.analysis)))
