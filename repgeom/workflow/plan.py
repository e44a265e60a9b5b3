"""What the analyses of a configuration need: which networks, which files, which options. Rules ask it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from functools import cache, cached_property

from repgeom.config.analyses.base import Analysis
from repgeom.config.analyses.geometry import Generalisation
from repgeom.config.analyses.metamers import Metamers
from repgeom.config.analyses.reproduction import Reproduction
from repgeom.config.configuration import Configuration
from repgeom.config.learning_dynamics import FIGURES, LEARNING_DYNAMICS, PAGES
from repgeom.config.networks import Network
from repgeom.config.stimuli import Attacked
from repgeom.store.projected import PROJECTION
from repgeom.workflow import artifacts

NEVER = "(?!)"
"""A regular expression that matches nothing."""
READ_RDMS = {"inference", "paths", "rdms", "separation"}
READ_COORDINATES = {
    *("accuracy", "answers", "auxiliary_decoding", "capacity", "capacity_methods", "decoding", "embeddings"),
    *("encoding", "examples", "graph", "similarity", "spectrum", "sweep"),
}
"""Kinds of analysis that read coordinates, themselves or by way of a measure; others read RDMs."""
READ_ACTIVATIONS = {"generalisation", "input_maps", "readout"}
"""Kinds that read the activations themselves."""
READ_NO_NUMBERS = {"accuracy", "answers", "examples", "graph"}
"""Of these, those that look at answers and names alone."""


class Plan:
    """All analyses of a configuration, by `study/analysis`."""

    def __init__(self, configuration: Configuration):
        self.c = configuration
        self.analyses: dict[str, Analysis] = configuration.analyses()
        self.networks: Callable[[str], list[Network]] = cache(self._networks)

    def of_kind(self, kind: str) -> str:
        """The analyses of a kind, as a regular expression."""
        return "|".join(name for name, a in self.analyses.items() if a.kind == kind) or NEVER

    def of_study(self, study: str) -> dict[str, Analysis]:
        """The analyses of one study."""
        return {name: a for name, a in self.analyses.items() if name.startswith(f"{study}/")}

    def reads_coordinates(self, analysis: str) -> bool:
        """Whether an analysis reads coordinates, or what is made of them."""
        return self._read_by(self.analyses[analysis].kind)

    def projection(self, kind: str) -> dict[str, dict]:
        """As a param, how coordinates are projected that numbers of a kind (of table or figure) come from."""
        asked = self.c.projection if self._read_by(kind) and kind not in READ_NO_NUMBERS else None
        return {PROJECTION: asked.plain()} if asked else {}

    def files(self, analysis: str, template: str, **fixed: object) -> list[str]:
        """One file for each network that an analysis looks at."""
        return list(dict.fromkeys(artifacts.of_network(template, n, **fixed) for n in self.networks(analysis)))

    def models(self) -> list[str]:
        """The models that analyses look at."""
        return list(dict.fromkeys(network.model for network in self._all_networks if network.model))

    @cached_property
    def _all_networks(self) -> list[Network]:
        """All networks that analyses look at, each with the nodes that are looked at."""
        return list(dict.fromkeys(network for name in self.analyses for network in self.networks(name)))

    @cached_property
    def attackers(self) -> list[tuple[str, str]]:
        """Models whose gradients attack images that analyses look at, each with the attacked set."""
        shown = [(n, self.c.stimuli[n.set]) for n in self._all_networks if n.set]
        attacked = [(n, section) for n, section in shown if isinstance(section, Attacked)]
        return list(dict.fromkeys((self.c.attacker_of(s, n.model, n.seed)[0], n.set) for n, s in attacked))

    def needed_models(self) -> list[str]:
        """The models that analyses look at, and those that attack, are held out, or that others start with."""
        found = [*self.models(), *(model for model, _ in self.attackers if model)]
        found += [section.held_out for section in self.analyses.values() if isinstance(section, Metamers)]
        found += [data.simulated.model for data in self.c.data.values() if data.simulated]
        for model in found:
            found += [start] if (start := self.c.models[model].start) and start not in found else []
        return list(dict.fromkeys(found))

    def networks_of(self, model: str) -> list[Network]:
        """All networks of a model that analyses look at, each with the nodes that are looked at."""
        return [network for network in self._all_networks if network.model == model]

    def stimuli(self, analysis: str) -> list[str]:
        """What each network that an analysis looks at is shown."""
        return [artifacts.stimuli_path(self.c, n.stimuli, n.model, n.seed) for n in self.networks(analysis)]

    def compared(self, analysis: str) -> list[Network]:
        """The networks of the analysis that paths are compared with (`disparity_with`), if there is one."""
        other = self.analyses[analysis].disparity_with
        return self.networks(f"{analysis.partition('/')[0]}/{other}") if other else []

    def rated(self, analysis: str) -> list[Network]:
        """The networks of a generalisation, shown the images that have ratings."""
        rated = self.analyses[analysis].rated
        return [network._replace(stimuli=rated, set=rated) for network in self.networks(analysis)]

    def kept_nodes(self, activations: str) -> list[str] | None:
        """The nodes that a file of activations holds; None for all that are recorded, empty where no file is made."""
        nodes = self._read_nodes.get(activations, set()) if self.c.reduces_while_running else {None}
        return None if None in nodes else sorted(nodes)

    @cached_property
    def _read_nodes(self) -> dict[str, set[str | None]]:
        """File of activations → the nodes that analyses read of it; None among them for all."""
        nodes = defaultdict(set)
        kinds = READ_ACTIVATIONS | (READ_RDMS if self.c.rdms_from == "activations" else set())
        for name, section in self.analyses.items():
            networks = self.networks(name) if section.kind in kinds else []
            for network in networks + (self.rated(name) if isinstance(section, Generalisation) else []):
                of_file = network.nodes if section.kind in READ_ACTIVATIONS else None
                nodes[artifacts.of_network(artifacts.ACTIVATIONS, network)].update(of_file or {None})
        return nodes

    def shown(self, analysis: str, stimuli: str) -> list[str]:
        """Another stimulus set, as each network that an analysis looks at would be shown it."""
        networks = self.networks(analysis)
        return list(dict.fromkeys(artifacts.stimuli_path(self.c, stimuli, n.model, n.seed) for n in networks))

    def measures(self, analysis: str, measure: str, template: str = artifacts.MEASURES) -> list[str]:
        """The tables of one measure, one for each network that an analysis looks at."""
        section = self.analyses[analysis]
        return [
            artifacts.of_network(template, n, measure=measure, options=options_key(section.measured(n)[measure]))
            for n in self.networks(analysis)
        ]

    def options(self, measure: str, key: str) -> dict:
        """The options behind the name of a table."""
        return self._options[measure, key]

    def known_options(self, measure: str) -> str:
        """The names that tables of a measure may have, as a regular expression."""
        return "|".join(sorted(key for name, key in self._options if name == measure)) or NEVER

    def described(self, analysis: str) -> list[dict]:
        """The networks that an analysis looks at, as a param."""
        return [network._asdict() for network in self.networks(analysis)]

    def names(self, analysis: str) -> dict[str, dict]:
        """Labels of models and stimuli, and colours of models where the figure uses them."""
        networks, section = self.networks(analysis), self.analyses[analysis]
        models = {n.model: {"label": self.c.model_label(n.model)} for n in networks if n.model}
        if section.coloured:
            models = {name: look | {"colour": self.c.models[name].colour} for name, look in models.items()}
        return {"models": models, "stimuli": {n.set: self.c.stimuli_label(n.set) for n in networks if n.set}}

    def targets(self, study: str) -> list[str]:
        """What a study makes in the end."""
        if study == LEARNING_DYNAMICS:
            return self._learning_dynamics()
        return [file for name, section in self.of_study(study).items() for file in self._made(name, section)]

    def made(self) -> list[str]:
        """All that analyses may write: figures, pages, the table behind each and its numbers."""
        of_analyses = [file for name, section in self.analyses.items() for file in self._written(name, section)]
        return of_analyses + (self._of_learning_dynamics() if self.c.studies.learning_dynamics else [])

    def reproductions(self) -> list[str]:
        """The tables of published numbers beside ours, one for each study that has one."""
        found = [name for name, section in self.analyses.items() if isinstance(section, Reproduction)]
        tables = [artifacts.TABLE.format(analysis=name) for name in found]
        return tables + ([artifacts.LINEAR_REPRODUCTION] if self.c.studies.learning_dynamics else [])

    def _read_by(self, kind: str) -> bool:
        return kind in READ_COORDINATES or (kind in READ_RDMS and self.c.rdms_from == "coordinates")

    def _networks(self, analysis: str) -> list[Network]:
        return self.analyses[analysis].networks(self.c)

    def _learning_dynamics(self) -> list[str]:
        figures = [artifacts.FIGURE_PNG.format(analysis=f"{LEARNING_DYNAMICS}/{name}") for name in FIGURES]
        pages = [artifacts.PAGE.format(analysis=f"{LEARNING_DYNAMICS}/{name}") for name in PAGES]
        return [*figures, *pages, artifacts.LINEAR_REPRODUCTION]

    def _of_learning_dynamics(self) -> list[str]:
        templates = [artifacts.FIGURE_PNG, artifacts.FIGURE_PDF, artifacts.TABLE]
        figures = [t.format(analysis=f"{LEARNING_DYNAMICS}/{name}") for t in templates for name in FIGURES]
        return [*figures, *self._learning_dynamics()]

    def _made(self, name: str, section: Analysis) -> list[str]:
        templates = [artifacts.FIGURE_PNG if section.has_figure else artifacts.TABLE]
        templates += [artifacts.PAGE] if section.page else []
        return [template.format(analysis=name) for template in templates]

    def _written(self, name: str, section: Analysis) -> list[str]:
        figures = [artifacts.FIGURE_PDF, artifacts.FIGURE_PNG] if section.has_figure else []
        pages = [artifacts.PAGE] if section.page else []
        tables = [artifacts.TABLES[table] for table in ("table", *section.tables)]
        return [template.format(analysis=name) for template in (*figures, *pages, *tables)]

    @cached_property
    def _options(self) -> dict[tuple[str, str], dict]:
        return {
            (measure, options_key(options)): options
            for name, section in self.analyses.items()
            for network in self.networks(name)
            for measure, options in section.measured(network).items()
        }


def options_key(options: dict) -> str:
    """A short name for options: the same for the same ones."""
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:8]
