# The configuration, checked; what it plans; and what every rule's params need.

import os
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

from repgeom.config.configuration import load_configuration
from repgeom.config.files import refuse_repeated_keys
from repgeom.errors import InputError
from repgeom.measures.names import RDM_MEASURES
from repgeom.workflow import artifacts, published, sources
from repgeom.workflow.clock import refuse_future
from repgeom.workflow.fingerprint import Modules
from repgeom.workflow.forks import fork_scripts
from repgeom.workflow.gpus import gpus_wanted
from repgeom.workflow.project import (
    let_jobs_draw_to_files,
    let_jobs_import_from,
    project_folder,
)
from repgeom.store.atomic import remove_partial
from repgeom.workflow.lock import (
    hold_as_job,
    hold_folder,
    require_cache,
    require_permission,
    require_temporary,
    require_writable,
)
from repgeom.workflow.plan import Plan
from repgeom.workflow.planning import remember_answers
from repgeom.workflow.references import references_of_dataset
from repgeom.workflow.runs import note_run
from repgeom.workflow.shown import original_files
from repgeom.workflow.slurm import (
    cancel_leftover_jobs,
    keep_jobs_while_controller_is_away,
)
from repgeom.workflow.targets import before_deleting

try:
    ROOT = project_folder(str(workflow.current_basedir))
    require_permission()
    if not workflow.is_main_process:
        hold_as_job()  # before Snakemake removes old outputs
    refuse_repeated_keys(workflow.configfiles)
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
DATA_DIR = os.environ.get("REPGEOM_DATA_DIR") or CONFIG.data_dir or "data"
CACHE = "SNAKEMAKE_OUTPUT_CACHE" in os.environ
GPU = gpus_wanted(DEVICE)
PARTS = CONFIG.recording_parts
RECORDED = artifacts.ACTIVATIONS if PARTS == 1 else artifacts.ACTIVATIONS_PART


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


remember_answers()
let_jobs_import_from(ROOT)
let_jobs_draw_to_files()
keep_jobs_while_controller_is_away()
workflow.delete_output = before_deleting(workflow.delete_output)


def begin_run():
    """Make sure that we can work in this folder, and nobody else does, neither here nor on the cluster."""
    try:
        require_cache(os.environ.get("SNAKEMAKE_OUTPUT_CACHE"))
        hold_folder()
        require_writable()
        require_temporary()
        cancel_leftover_jobs()
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


def model_code(name, other=None):
    """The same params of a script that builds the network of wildcard `model`: a user's own file counts.

    `other` finds a second model that the script builds.
    """

    def files(w):
        models = [w.model] + ([other(w)] if other else [])
        return [file for m in models for file in sources.model_modules(CONFIG, m)]

    return code(name, files)


def user_files(w):
    """The Python file of a user's own architecture, as an input; nothing for a built-in one."""
    return sources.user_files(CONFIG, w.model)


def start_weights(w):
    """The weights that the training of `model` begins with, as an input; nothing where they are drawn."""
    return sources.start_weights(CONFIG, w.model, int(w.seed))


def user_files_of(w, of_model=sources.user_files):
    """The Python files of users' own architectures among the models that the analysis looks at."""
    models = dict.fromkeys(n.model for n in PLAN.networks(w.analysis))
    return [file for model in models for file in of_model(CONFIG, model)]


def runs_networks(name):
    """Like `runs`, of a script that builds networks that an analysis looks at: users' own files count."""
    return {
        "script": name,
        **code(name, lambda w: user_files_of(w, sources.model_modules)),
    }


def network_of(w):
    """What defines the first network that the analysis looks at, as a param."""
    return CONFIG.models[PLAN.networks(w.analysis)[0].model].network()


def held_out(w):
    """The other model that is shown the metamers which the wildcards name."""
    return PLAN.options("metamers", w.options)["held_out"]


def stimuli_file(w):
    """What the network that the wildcards name is shown."""
    return artifacts.stimuli_path(CONFIG, w.stimuli, w.model, int(w.seed))


def recorded(w):
    """What jobs record of a stimulus set: one file, or part by part."""
    if PARTS == 1:
        return RECORDED.format(**dict(w.items()))
    return [
        RECORDED.format(part=k, parts=PARTS, **dict(w.items()))
        for k in range(1, PARTS + 1)
    ]


def descriptors(w):
    """What an artifact of one network and stimulus set is about."""
    return {"model": w.model, "seed": w.seed, "epoch": w.epoch, "stimuli": w.stimuli}


def beside(template, **fixed):
    """Input function of measures: another file of the network that the wildcards name."""
    return lambda w: template.format(**{**dict(w.items()), **fixed})


def rdms_file(w):
    """The RDMs of the network that the wildcards name, by the measure among its options."""
    measure = PLAN.options(w.measure, w.options)["measure"]
    return beside(artifacts.RDMS, measure=measure)(w)


def files(template, **fixed):
    """Input function of figures: one file for each network that the analysis looks at."""
    return lambda w: PLAN.files(w.analysis, template, **fixed)


def measures(measure, template=artifacts.MEASURES):
    """Input function of figures: the table of a measure for each network that the analysis looks at."""
    return lambda w: PLAN.measures(w.analysis, measure, template)


def originals(w):
    """What each network that an analysis looks at is shown, before any attack: where the names of classes stand."""
    return original_files(CONFIG, PLAN.networks(w.analysis))


def section(w):
    """The configuration of the analysis that a figure is about."""
    return PLAN.analyses[w.analysis]


def published_numbers(w):
    """The published numbers that a figure may draw beside its own, as a param."""
    networks, numbers = PLAN.networks(w.analysis), published.reference_rows(ROOT)
    return published.published_beside(CONFIG, section(w), networks, numbers)


def shown_images(w):
    """Where the images come from that an analysis shows its first network: `mnist`, for instance."""
    return CONFIG.source_of(CONFIG.dataset_of(PLAN.networks(w.analysis)[0].set))


def figure_files(kind, means=False):
    """The files of a figure: two formats, of which the report shows one with its caption, and the data behind it.

    With `means`, the table holds single networks, and another one the means and intervals that are drawn.
    """
    return ({"means": artifacts.MEANS} if means else {}) | {
        "pdf": artifacts.FIGURE_PDF,
        "png": report(
            artifacts.FIGURE_PNG,
            caption=f"../report/{kind}.rst",
            category=lambda w: w.analysis.split("/")[0],
            labels=lambda w: {"figure": w.analysis.split("/")[1]},
        ),
        "table": artifacts.TABLE,
    }


def together(group):
    """Jobs that go to a cluster together, if a profile says how many; without it a plan need not compare thousands."""
    return lambda w: group if workflow.group_settings.group_components else None


def grow(amount):
    """Memory or runtime that doubles whenever a job is tried again."""
    return lambda w, attempt: amount * 2 ** (attempt - 1)
