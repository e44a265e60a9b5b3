# The configuration, checked; and what every rule's params need.

import csv
import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from repgeom.config.configuration import load_configuration
from repgeom.config.stimuli import REPETITION, repetition_name
from repgeom.errors import InputError
from repgeom.workflow import paths
from repgeom.workflow.gpus import gpus_wanted
from repgeom.workflow.lock import hold_folder, require_writable
from repgeom.workflow.slurm import (
    cancel_leftover_jobs,
    keep_jobs_while_controller_is_away,
)
from repgeom.workflow.fingerprint import script_code

ROOT = Path(workflow.basedir)

try:
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


def domain_files(dataset):
    """The dataset files of the two domains that canvases are made of; of the dataset itself if it holds images."""
    is_clutter = CONFIG.is_clutter(dataset)
    names = CONFIG.datasets[dataset].domains if is_clutter else [dataset]
    return [paths.DATASET.format(dataset=name) for name in names]


def canvas_recipe(dataset):
    """How the canvases of a dataset are made."""
    section = CONFIG.datasets[dataset]
    return {"recipe": section.recipe(), "held_out": section.held_out}


def imported_canvases(model):
    """How the canvases are made on which imported weights are tested; None where they are for stored images."""
    dataset = CONFIG.models[model].dataset
    return canvas_recipe(dataset) if CONFIG.is_clutter(dataset) else None


def trained_on(canvases):
    """The models that are trained on canvases, or those on stored images, as a regular expression."""
    return one_of(
        name
        for name, model in CONFIG.models.items()
        if model.training and CONFIG.is_clutter(model.dataset) == canvases
    )


def imported():
    """The models whose weights come from elsewhere, as a regular expression."""
    return one_of(name for name, model in CONFIG.models.items() if model.source)


def source_file(model):
    """The file of imported weights, as an input; nothing where they are downloaded."""
    return [path] if (path := CONFIG.models[model].source.path) else []


def source(model):
    """Address and checksum of imported weights."""
    section = CONFIG.models[model].source
    return {"url": section.url, "checksum": section.checksum()}


def one_of(names):
    """A regular expression that matches each of some names; nothing where there are none."""
    return "|".join(names) or "(?!)"


def stimuli_of_kind(kind):
    """The stimulus sets of a kind, as a regular expression; repetitions of canvases included."""
    names = one_of(name for name, s in CONFIG.stimuli.items() if s.kind == kind)
    return rf"({names})({REPETITION}\d+)?"


def dataset_source(dataset):
    """Where the images of a dataset come from (`digits`, `mnist` …)."""
    return CONFIG.datasets[dataset].source


def descriptors(w):
    """What an artifact of one network and stimulus set is about."""
    return {"model": w.model, "seed": w.seed, "epoch": w.epoch, "stimuli": w.stimuli}


def files(template, runs, **fixed):
    """One file per run; a run names a model, a seed and a stimulus set."""
    return [
        template.format(
            model=r["model"],
            seed=r["seed"],
            stimuli=r["stimuli"],
            epoch=paths.LAST,
            **fixed,
        )
        for r in runs
    ]


def first_seeds(runs):
    """The runs of each model's first seed."""
    return [r for r in runs if r["seed"] == CONFIG.models[r["model"]].seeds[0]]


def reproduction_tables():
    """The tables of reference numbers that studies have added to the targets."""
    return [file for file in targets() if Path(file).name == "reproduction.csv"]


def shown_runs(sections):
    """Models that are shown stimuli, with their first seeds, as runs."""
    return [
        {
            "model": s.model,
            "seed": CONFIG.models[s.model].seeds[0],
            "stimuli": s.stimuli,
        }
        for s in sections
    ]


def path_files(path):
    """The RDMs of all members of a geometry path."""
    return files(
        paths.RDMS, shown_runs(STUDIES.paths.paths[path].members), measure="euclidean"
    )


def path_models(path):
    """The models of a geometry path."""
    return [member.model for member in STUDIES.paths.paths[path].members]


def manifold_analyses():
    """Name of each manifold analysis over layers → its model, stimuli and nodes."""
    study = STUDIES.manifolds
    main = {"model": study.model, "stimuli": study.clouds, "nodes": study.nodes}
    return {study.model: main} | {
        name: further.plain() for name, further in study.further.items()
    }


def manifold_layer_files(names):
    """The coordinates behind manifold analyses over layers, by name: first seeds, last epoch."""
    found = [manifold_analyses()[name] for name in names]
    seeds = [{"seed": CONFIG.models[f["model"]].seeds[0]} for f in found]
    return files(paths.COORDINATES, [f | s for f, s in zip(found, seeds)])


def manifold_layer_runs(names):
    """What is analysed in each of these files."""
    return [
        {
            "nodes": manifold_analyses()[name]["nodes"],
            "context": {"analysis": name, "epoch": None},
        }
        for name in names
    ]


def manifold_epoch_files(epochs):
    """The coordinates of the study's model after so many epochs."""
    study = STUDIES.manifolds
    return [
        paths.COORDINATES.format(
            model=study.model,
            seed=CONFIG.models[study.model].seeds[0],
            stimuli=study.clouds,
            epoch=f"epoch{epoch:03d}",
        )
        for epoch in epochs
    ]


def manifold_epoch_runs(epochs):
    """What is analysed in each of these files."""
    study = STUDIES.manifolds
    return [
        {"nodes": study.nodes, "context": {"analysis": study.model, "epoch": epoch}}
        for epoch in epochs
    ]


def manifold_looks():
    """Label and colour of each manifold analysis."""
    return {
        name: looks([found["model"]])[found["model"]]
        for name, found in manifold_analyses().items()
    }


def per_model(template):
    """One file for each model of the study recurrence."""
    return [template.format(model=model) for model in STUDIES.recurrence.models]


def per_network(template, models=None):
    """One file for each network, a model and a seed, of the study recurrence."""
    return [
        template.format(model=model, seed=seed)
        for model in models or STUDIES.recurrence.models
        for seed in CONFIG.models[model].seeds
    ]


def canvas_runs(model, seeds=None):
    """What networks of a model are shown: cluttered and clean canvases, in all repetitions."""
    study = STUDIES.recurrence
    return [
        {
            "model": model,
            "seed": seed,
            "stimuli": repetition_name(getattr(study, version), number),
            "version": version,
            "repetition": number,
        }
        for seed in seeds or CONFIG.models[model].seeds
        for version in ("cluttered", "clean")
        for number in range(1, study.decoding.repetitions + 1)
    ]


def first_network(model):
    """The first network of a model, shown the first cluttered canvases."""
    return canvas_runs(model, CONFIG.models[model].seeds[:1])[:1]


def repetitions(runs):
    """How tables name what networks are shown."""
    return [
        {"seed": r["seed"], "stimuli": r["version"], "repetition": r["repetition"]}
        for r in runs
    ]


def named_figures(study, figures):
    """The files of several figures per model that one job draws, each name with the figure's before it."""
    return {
        f"{figure}_{kind}": file
        for figure in figures
        for kind, file in figure_files(study, f"{figure}_{{model}}").items()
    }


def modulations(model):
    """How recurrent flow acts in a model: bias, gain, or both."""
    options = CONFIG.models[model].options
    given = {"bias": options.get("bias", False), "gain": options.get("gain", True)}
    return " and ".join(name for name, is_on in given.items() if is_on)


def recurrence_images(model):
    """Where the objects on a model's canvases come from; said to be made otherwise if not as published."""
    images = STUDIES.recurrence.images(CONFIG, model)
    same = STUDIES.recurrence.as_published(CONFIG, model)
    return images if same else f"{images}, not as published"


def comparable_recurrence():
    """Published numbers of the study; those that depend on how swaps were published only if ours are the same."""
    as_published = STUDIES.recurrence.perturbation.swaps == "as_published"
    return [
        row
        for row in reference_numbers("recurrence")
        if as_published
        or not row["measure"].startswith("functional importance")
        or row["variable"] not in ("scale", "orientation")
    ]


def published_recurrence(model):
    """Published numbers to draw beside a model's; none where they are about something else."""
    if not STUDIES.recurrence.as_published(CONFIG, model):
        return []
    numbers = {"timestep": int, "reference": float, "ci95": float}
    return [
        row | {name: kind(row[name]) for name, kind in numbers.items() if row[name]}
        for row in comparable_recurrence()
    ]
