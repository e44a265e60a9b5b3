"""The whole configuration: one typed model, checked before any job starts."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError

from repgeom.config import messages
from repgeom.config.analyses import AnyAnalysis
from repgeom.config.analyses.base import Analysis
from repgeom.config.bounds import bound_faults
from repgeom.config.faults import noun_faults
from repgeom.config.learning_dynamics import LEARNING_DYNAMICS, LearningDynamics
from repgeom.config.nouns import Nouns
from repgeom.config.projection import Projection
from repgeom.config.section import Name, Section
from repgeom.errors import InputError

NUMBERS = "_numbers"
"""Ends the name of a second table of an analysis."""
REMOVABLE = ("datasets", "models", "stimuli", "data", "studies")


class Studies(Section):
    """Studies, each a name for several analyses. `learning_dynamics` trains networks of its own."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, allow_inf_nan=False)
    __pydantic_extra__: dict[Name, dict[Name, AnyAnalysis]]

    learning_dynamics: LearningDynamics | None = None


class Configuration(Nouns):
    """Everything a run depends on, by name."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    data_dir: str | None = None
    batch_size: Annotated[int, Field(ge=1)] = 100
    keep_activations: bool = True
    rdms_from: Literal["coordinates", "activations"] = "coordinates"
    rdm_precision: Literal["float64", "float32"] = "float64"
    recording_parts: Annotated[int, Field(ge=1, le=1000)] = 1
    projection: Projection | None = None
    studies: Studies = Studies()

    @property
    def reduces_while_running(self) -> bool:
        """Whether coordinates are made while networks run, with no file of activations in between."""
        return not self.keep_activations and self.recording_parts == 1

    def analyses(self) -> dict[str, Analysis]:
        """`study/analysis` → its section."""
        studies = self.studies.__pydantic_extra__
        return {f"{study}/{name}": found for study, analyses in studies.items() for name, found in analyses.items()}

    def study_names(self) -> list[str]:
        """All studies that are to be made."""
        return [*self.studies.__pydantic_extra__, *([LEARNING_DYNAMICS] if self.studies.learning_dynamics else [])]


def load_configuration(raw: dict) -> Configuration:
    """Check a configuration as Snakemake hands it over.

    A dataset, model, stimulus set, data, study or analysis that is null is removed, and `studies: null` removes all of
    them: so one file takes out what another has put in.

    Raises
    ------
    InputError
        Lists every fault: the path of the key, the value found, and the nearest valid name or the range.
    """
    try:
        configuration = Configuration.model_validate(without_removed(raw))
    except ValidationError as error:
        raise InputError(messages.describe(error, Configuration)) from None
    faults = list(cross_reference_faults(configuration))
    if faults:
        raise InputError(messages.as_list(faults))
    return configuration


def without_removed(raw: dict) -> dict:
    """The configuration without the names whose value is null."""
    kept = {key: _without_nulls(value) if key in REMOVABLE else value for key, value in raw.items()}
    if isinstance(kept.get("studies"), dict):
        kept["studies"] = {
            name: study if name == LEARNING_DYNAMICS else _without_nulls(study)
            for name, study in kept["studies"].items()
        }
    return kept


def _without_nulls(section: object) -> object:
    if section is None:
        return {}
    if not isinstance(section, dict):
        return section
    return {name: value for name, value in section.items() if value is not None}


def cross_reference_faults(c: Configuration) -> Iterator[str]:
    """Names that lead nowhere, and numbers that do not fit what they name."""
    faults = list(bound_faults(c.model_dump(mode="json"))) or [*noun_faults(c), *_name_faults(c)]
    yield from faults or _study_faults(c)


def _name_faults(c: Configuration) -> Iterator[str]:
    for study, analyses in c.studies.__pydantic_extra__.items():
        for name in analyses:
            if (other := name.removesuffix(NUMBERS)) != name and other in analyses:
                yield f"studies.{study}.{name}: tables of this name are the numbers of {other!r}; choose another"


def _study_faults(c: Configuration) -> Iterator[str]:
    if c.studies.learning_dynamics:
        yield from c.studies.learning_dynamics.faults(f"studies.{LEARNING_DYNAMICS}")
    yield from analysis_faults(c, c.analyses())


def analysis_faults(c: Configuration, names: Iterable[str]) -> Iterator[str]:
    """What is wrong with analyses, `study/analysis`, as far as the configuration knows."""
    for study, _, name in (named.partition("/") for named in names):
        analyses = c.studies.__pydantic_extra__[study]
        yield from analyses[name].faults(f"studies.{study}.{name}", c, analyses)
