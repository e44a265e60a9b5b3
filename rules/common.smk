# The configuration, checked; and what every rule's params need.

import csv
import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from repgeom.config.configuration import load_configuration
from repgeom.config.stimuli import REPETITION, repetition_name
from repgeom.errors import InputError
from repgeom.workflow import paths
from repgeom.workflow.folders import folder_digest
from repgeom.workflow.gpus import gpus_wanted
from repgeom.workflow.lock import hold_folder, require_permission, require_writable
from repgeom.workflow.slurm import (
    cancel_leftover_jobs,
    keep_jobs_while_controller_is_away,
)
from repgeom.workflow.fingerprint import script_code

ROOT = Path(workflow.basedir)

try:
    require_permission()
    CONFIG = load_configuration(config)
except InputError as error:
    raise WorkflowError(str(error))

STUDIES = CONFIG.studies
DEVICE = CONFIG.device
DATA_DIR = os.environ.get("REPGEOM_DATA_DIR") or CONFIG.data_dir or "data"
CACHE = "SNAKEMAKE_OUTPUT_CACHE" in os.environ
GPU = gpus_wanted(DEVICE)


wildcard_constraints:
    dataset=r"\w+",
    model=r"\w+",
    stimuli=r"\w+",
    seed=r"\d+",
    epoch=r"last|epoch\d+",
    measure=r"correlation|euclidean|cosine",
    study=r"\w+",


keep_jobs_while_controller_is_away()


def begin_run():
    """Make sure that we can work in this folder, and nobody else does, neither here nor on the cluster."""
    try:
        hold_folder()
        require_writable()
        cancel_leftover_jobs()
    except InputError as error:
        raise WorkflowError(str(error))


def code(script, *others):
    """Fingerprint and library versions of a script, as params: what changes them makes its outputs stale."""
    found = script_code(ROOT, ROOT / "scripts" / script, *others)
    return {"code": found.fingerprint, "versions": found.versions}


def user_files(model):
    """The Python file of a user's own architecture, as an input; nothing for a built-in one."""
    return [file] if (file := CONFIG.models[model].user_file) else []


def model_code(script):
    """Params function: the fingerprint of a script, a user's own architecture included."""
    return lambda w: code(script, *user_files(w.model))["code"]


def model_versions(script):
    return lambda w: code(script, *user_files(w.model))["versions"]


_targets = []


def add_targets(*files):
    """Note files that `snakemake` without a target makes, and return them."""
    _targets.extend(files)
    return list(files)


def targets():
    return _targets


def grow(mb):
    """Memory that doubles whenever a job is tried again."""
    return lambda w, attempt: mb * 2 ** (attempt - 1)


def minutes(runtime):
    """Runtime that doubles whenever a job is tried again."""
    return lambda w, attempt: runtime * 2 ** (attempt - 1)


def label(model):
    """How figures name a model."""
    return CONFIG.models[model].label or model


def looks(models):
    """Label and colour of models, by name."""
    return {m: {"label": label(m), "colour": CONFIG.models[m].colour} for m in models}


def figure_files(study, figure):
    """The files of one figure: two formats and the data behind it."""
    return {
        "pdf": f"results/figures/{study}/{figure}.pdf",
        "png": reported_figure(study, figure),
        "table": f"results/tables/{study}/{figure}.csv",
    }


def reported_figure(study, figure):
    """A figure as the report shows it: by study, with its caption in report/{study}/."""
    return report(
        f"results/figures/{study}/{figure}.png",
        caption=f"../report/{study}/{figure.partition('_{')[0]}.rst",
        category=study,
        labels={"figure": figure},
    )


_required_nodes = {}


def require_rdms(measure, models, stimuli, nodes):
    """Note that a study cannot do without the RDMs of these nodes."""
    for model in models:
        for s in stimuli:
            _required_nodes.setdefault((measure, model, s), set()).update(nodes)


def required_nodes(measure, model, stimuli):
    return sorted(_required_nodes.get((measure, model, stimuli), ()))


def reproduction_path(study):
    """The table of a study's reference numbers beside ours."""
    return f"results/tables/{study}/reproduction.csv"


def reference_numbers(study):
    """The published numbers of a study, as a param: rows with quantity, dataset, reference, source."""
    with open(ROOT / "resources" / f"reference_{study}.csv", newline="") as file:
        return [
            {**row, "reference": float(row["reference"])}
            for row in csv.DictReader(file)
        ]


def reproduction_tables():
    """The tables of reference numbers that studies have added to the targets."""
    return [file for file in targets() if Path(file).name == "reproduction.csv"]
