# The configuration, checked; what it plans; and what every rule's params need.

import os
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

from repgeom.config.analyses import KINDS
from repgeom.config.configuration import load_configuration
from repgeom.config.files import refuse_repeated_keys
from repgeom.errors import InputError
from repgeom.measures.names import RDM_MEASURES
from repgeom.workflow import artifacts, sources
from repgeom.workflow.cache import keep_what_cannot_be_cached, require_cache
from repgeom.workflow.clock import refuse_future
from repgeom.workflow.fingerprint import Modules
from repgeom.workflow.forks import fork_scripts
from repgeom.workflow.gpus import gpus_wanted
from repgeom.workflow.inputs import OfAnalysis, OfNetwork, first
from repgeom.workflow.interrupted_scripts import let_ctrl_c_end_scripts
from repgeom.workflow.project import (
    let_jobs_draw_to_files,
    let_jobs_import_from,
    project_folder,
)
from repgeom.store.atomic import remove_partial
from repgeom.workflow.kubernetes import tell_missing_cluster
from repgeom.workflow.lock import (
    hold_as_job,
    hold_folder,
    require_permission,
    require_plain,
    require_temporary,
    require_writable,
)
from repgeom.workflow.plan import Plan
from repgeom.workflow.planning import remember_answers
from repgeom.workflow.resources import RECORDING_MB
from repgeom.workflow.scheduling import look_again_sparingly
from repgeom.workflow.runs import note_run
from repgeom.workflow.slurm import (
    cancel_leftover_jobs,
    keep_jobs_while_controller_is_away,
)
from repgeom.workflow.storage import use_storage
from repgeom.workflow.stored import COPIES
from repgeom.workflow.targets import before_deleting

try:
    ROOT = project_folder(str(workflow.current_basedir))
    require_permission()
    if not workflow.is_main_process:
        hold_as_job()  # before Snakemake removes old outputs
    refuse_repeated_keys(workflow.configfiles)
    use_storage(workflow)
    CONFIG = load_configuration(config)
except InputError as error:
    raise WorkflowError(str(error))

PLAN = Plan(CONFIG)
MODULES = Modules(ROOT)
try:
    for FILE in sources.files_of_models(CONFIG, PLAN.models()):
        MODULES.code(FILE)
except InputError as error:
    raise WorkflowError(str(error))

DEVICE = CONFIG.device
DATA_DIR = sources.data_folder(CONFIG)
CACHE = "SNAKEMAKE_OUTPUT_CACHE" in os.environ
GPU = gpus_wanted(DEVICE)
PARTS = CONFIG.recording_parts
PROJECTION = CONFIG.projection.plain() if CONFIG.projection else None
RECORDED = artifacts.ACTIVATIONS if PARTS == 1 else artifacts.ACTIVATIONS_PART
NETWORK = OfNetwork(PLAN, RECORDED, PARTS)
ANALYSIS = OfAnalysis(PLAN, ROOT)


wildcard_constraints:
    dataset=r"\w+",
    data=r"\w+",
    model=r"\w+",
    stimuli=r"\w+",
    seed=r"\d+",
    part=r"\d+",
    parts=r"\d+",
    epoch=r"last|epoch\d+",
    options=r"[0-9a-f]{8}",
    analysis=r"\w+/\w+",


remember_answers(workflow)
look_again_sparingly()
let_ctrl_c_end_scripts()
let_jobs_import_from(ROOT)
let_jobs_draw_to_files()
keep_jobs_while_controller_is_away()
tell_missing_cluster()
keep_what_cannot_be_cached()
workflow.delete_output = before_deleting(workflow.delete_output)


def begin_run():
    """Make sure that we can work in this folder, and nobody else does, neither here nor on the cluster."""
    try:
        require_cache(os.environ.get("SNAKEMAKE_OUTPUT_CACHE"), COPIES in os.environ)
        hold_folder(end_jobs=cancel_leftover_jobs)
        require_plain()
        require_writable()
        require_temporary()
        remove_partial("results")
        refuse_future([*Path("results").rglob("*"), *sources.files_given(CONFIG)])
        note_run(workflow.config_settings.configfiles, workflow.config_settings.config)
    except InputError as error:
        raise WorkflowError(str(error))
    if workflow.is_main_process and workflow.local_exec:
        fork_scripts(len(list(workflow.dag.needrun_jobs())))


@cache
def behind(script, *others):
    """The code behind a script, found when a job first asks for it: a job on a cluster asks for its own alone."""
    return MODULES.code(ROOT / "scripts" / script, *others)


def code(script, others=lambda w: ()):
    """Fingerprint and library versions of a script, as params: what changes them makes its outputs stale.

    `others` finds files that count, too.
    """
    return {
        "code": lambda w: behind(script, *others(w)).fingerprint,
        "versions": lambda w: behind(script, *others(w)).versions,
    }


def runs(name):
    """Which script a rule made from a template runs, as params."""
    return {"script": name, **code(name)}


def builds_model(name, modules=NETWORK.modules):
    """What a script needs that builds the network of wildcard `model`, as params: a user's own files count."""
    return {**code(name, modules), "network": NETWORK.network, "device": DEVICE}


def builds_networks(name):
    """The same of a script that builds the first network that an analysis looks at."""
    return {
        **code(name, ANALYSIS.modules),
        "network": ANALYSIS.network,
        "device": DEVICE,
    }


def figure_files(kind):
    """The files of a figure: two formats, of which the report shows one with its caption, and the tables behind it."""
    tables = KINDS[kind].tables if kind in KINDS else ()
    return {table: artifacts.TABLES[table] for table in ("table", *tables)} | {
        "pdf": artifacts.FIGURE_PDF,
        "png": report(
            artifacts.FIGURE_PNG,
            caption=f"../report/{kind}.rst",
            category=lambda w: w.analysis.split("/")[0],
            labels=lambda w: {"figure": w.analysis.split("/")[1]},
        ),
    }


def together(group):
    """Jobs that go to a cluster together, if a profile says how many; without it a plan need not compare thousands."""
    return lambda w: group if workflow.group_settings.group_components else None


def grow(amount):
    """Memory or runtime that doubles whenever a job is tried again."""
    return lambda w, attempt: amount * 2 ** (attempt - 1)
