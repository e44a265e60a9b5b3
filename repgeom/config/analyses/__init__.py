"""The kinds of analysis: a section each, in a file of this folder. A new one is found by being here."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Annotated, Union, get_args

from pydantic import Field

from repgeom.config.analyses.base import Analysis


def _sections(base: type[Analysis]) -> Iterator[type[Analysis]]:
    for section in base.__subclasses__():
        if get_args(section.model_fields["kind"].annotation):
            yield section
        yield from _sections(section)


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

KINDS: dict[str, type[Analysis]] = {
    get_args(section.model_fields["kind"].annotation)[0]: section for section in _sections(Analysis)
}
"""Kind → its section of the configuration."""

AnyAnalysis = Annotated[Union[tuple(KINDS.values())], Field(discriminator="kind")]  # noqa: UP007 (made at run time)
