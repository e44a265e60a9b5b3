"""Reading the measured data of a configuration before anything is computed, so that faults show at once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from repgeom.analyses.alignment import FEWEST, align
from repgeom.config.data import Data
from repgeom.errors import InputError
from repgeom.measures.inference.crossnobis import subject_rdms
from repgeom.measures.inference.similarity import measured_similarity
from repgeom.store.measured_rdms import MeasuredRDMs, import_rdms
from repgeom.store.responses import Responses, import_responses
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.plan import Plan


def check_data(plan: Plan) -> tuple[list[str], list[str]]:
    """Read every file of measured data, make its RDMs, and match its ids with stimuli that have been made already.

    Returns
    -------
    lines, faults : lists of str
        What there is, file by file, and what is wrong.
    """
    lines, faults = [], []
    for name, data in plan.c.data.items():
        try:
            if data.simulated is None:
                lines += [f"data.{name}: {line}" for line in _described(plan, name, data)]
        except InputError as error:
            faults.append(f"data.{name}: {error}")
    return lines, faults


def _described(plan: Plan, name: str, data: Data) -> Iterator[str]:
    if data.rdms:
        rdms = import_rdms(data.rdms, data.ids, data.subjects)
        yield f"RDMs of {len(rdms.subjects)} subjects, {_named(rdms.ids)}"
    else:
        responses = import_responses(data.responses, data.ids)
        yield _told(responses)
        if _wanted(plan, "encoding", name):
            _check_vary(responses)
        rdms = _rdms(plan, name, data, responses)
    ids = rdms.ids if rdms else responses.ids
    if len(ids) < FEWEST:
        raise InputError(f"{_file(data)}: holds {len(ids)} of the at least {FEWEST} stimuli that are needed")
    if rdms:
        yield from _rdm_notes(rdms)
    for stimuli in _shown(plan, name):
        shared = align(read_stimuli(stimuli).ids, ids, f"{stimuli} and {_file(data)}")
        yield f"with {Path(stimuli).stem}: {shared.told()}"


def _told(responses: Responses) -> str:
    shapes = [values.shape for values in responses.values.values()]
    channels, repetitions = ([shape[i] for shape in shapes] for i in (2, 1))
    return (
        f"responses of {len(shapes)} subjects, {_range(channels)} channels, up to {max(repetitions)} repetitions, "
        f"to {_named(responses.ids)}"
    )


def _named(ids: np.ndarray) -> str:
    return f"{len(ids)} stimuli (ids {', '.join(map(str, ids[:3]))}, …)"


def _range(numbers: list[int]) -> str:
    return f"{min(numbers)}" if min(numbers) == max(numbers) else f"{min(numbers)} to {max(numbers)}"


def _rdms(plan: Plan, name: str, data: Data, responses: Responses) -> MeasuredRDMs | None:
    """Their RDMs, where an analysis asks for them."""
    if not _wanted(plan, "inference", name):
        return None
    found = subject_rdms(responses.values, data.distance, _file(data))
    return MeasuredRDMs(found, list(responses.values), responses.ids, data.distance, _file(data))


def _wanted(plan: Plan, kind: str, name: str) -> bool:
    """Whether an analysis of this kind asks for the data."""
    return any(a.kind == kind and a.data == name for a in plan.analyses.values())


def _check_vary(responses: Responses) -> None:
    for subject, values in responses.values.items():
        means = np.nanmean(values[np.isfinite(values).any(axis=(1, 2))], axis=1)
        if (silent := np.flatnonzero(np.ptp(means, axis=0) == 0)).size:
            where = f"{responses.path}, subject {subject}"
            raise InputError(f"{where}: channel number {silent[0] + 1} responds alike to all stimuli; leave it out")


def _rdm_notes(rdms: MeasuredRDMs) -> Iterator[str]:
    """Pairs that subjects lack, and a fault for an RDM that compares with nothing."""
    values = rdms.dissimilarities
    other = np.arange(values.shape[1], dtype=float)[None]
    constant = np.flatnonzero(np.isnan(measured_similarity(other, values, "corr")[0]))
    if len(constant):
        raise InputError(
            f"{rdms.path}: the RDM of subject {rdms.subjects[constant[0]]!r} is constant, or empty; leave it out"
        )
    for subject, missing in zip(rdms.subjects, np.isnan(values).sum(axis=1), strict=True):
        if missing:
            yield f"subject {subject} lacks {missing} of {values.shape[1]} pairs, and is compared at the others"
    if len(rdms.subjects) == 1:
        yield "one subject: no noise ceiling, and intervals are for other stimuli only"


def _shown(plan: Plan, name: str) -> list[str]:
    """The stimuli that networks are shown in analyses of the data, as far as they have been made."""
    own = [key for key, a in plan.analyses.items() if getattr(a, "data", None) == name]
    files = dict.fromkeys(file for key in own for file in plan.stimuli(key))
    return [file for file in files if Path(file).is_file()]


def _file(data: Data) -> str:
    return str(data.rdms or data.responses)
