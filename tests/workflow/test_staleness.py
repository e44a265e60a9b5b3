"""An edit makes stale exactly the jobs that depend on it: asserted against `snakemake --dry-run`.

Jobs are told by rule and wildcards (see `project.planned_jobs`), expectations by patterns: all jobs of the graph that
match one of them (and none that begins with `!`), and no others.
"""

import shutil
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from project import ROOT, Workflow, copy_project, planned_jobs


def study(name, *analyses):
    return [f"{name}/{analysis}" for analysis in analyses]


ALL = ["reproduction"]
NETWORK_REPRODUCTIONS = [f"{name}/reproduction" for name in ("robustness", "paths", "manifolds", "recurrence")] + ALL
OF_CAPACITY = [
    *study("manifolds", "layers", "epochs", "capacities", "reference_mode", "reproduction"),
    "recurrence/geometry_rcnn",
]
OF_DECODING = study("recurrence", "decoding_rcnn", "flow_decoding_rcnn", "auxiliary_rcnn", "reproduction")
OF_DECODING_FIGURES = study("recurrence", "decoding_rcnn", "flow_decoding_rcnn", "reproduction")
OF_PERTURBATION = study("recurrence", "importance_rcnn", "reproduction")
OF_PATHS = [*study("paths", "path_*", "reproduction"), "recurrence/path_rcnn"]
OF_INFERENCE = ["inference *", "measured/inference"]
OF_ENCODING = ["encoding *", "measured/encoding"]
OF_RESPONSES = ["measured_rdms *", *OF_INFERENCE, *OF_ENCODING]
"""What follows from measured responses."""
OF_RDMS = [
    *OF_INFERENCE,
    "separation *",
    *study("robustness", "rdms", "layers"),
    "paths/rdm_rows",
    "recurrence/rdms_rcnn",
    *OF_PATHS,
    *ALL,
]
OF_COORDINATES = [
    "rdms *", *OF_RDMS, "sweep *", *study("robustness", "sweep", "accuracy", "graph"), "embeddings *", "paths/embedding_*",
    "capacity *", "capacity_methods *", *OF_CAPACITY, *study("manifolds", "spectrum", "adversarial"),
    "decoding *", *OF_DECODING, *NETWORK_REPRODUCTIONS, "simulate_responses *", *OF_RESPONSES, "measured/similarity",
    "recurrence/examples_rcnn",
]  # fmt: skip
OF_ACTIVATIONS = [
    "coordinates *", "robustness/generalisation", *study("recurrence", "output_rcnn", "maps_rcnn"), *OF_COORDINATES
]  # fmt: skip
OF_GENERALISATION = [
    "activations standard/1/last/train_first10", "activations standard/1/last/test_first5", "robustness/generalisation"
]  # fmt: skip
OF_ATTACKS = ["robustness/stimuli", "robustness/accuracy"]
OF_WEIGHTS = [
    "attack_stimuli *", "activations *", "capacity_draws *", "metamers *", "perturbation *", *OF_ATTACKS, *OF_PERTURBATION,
    *study("manifolds", "filters", "maps", "draws", "metamers"), *OF_ACTIVATIONS,
]  # fmt: skip
OF_TRAINING = [*OF_WEIGHTS, "*/history*"]
LINEAR = ["learning_dynamics_runs *", "learning_dynamics_grid_runs *", "learning_dynamics/*", *ALL]


def of_network(model, *rules):
    """What is computed network by network of one model."""
    rules = rules or ("activations", "coordinates", "rdms", "separation", "sweep", "embeddings", "capacity", "capacity_methods",
                      "capacity_draws", "decoding", "metamers", "perturbation", "attack_stimuli", "inference", "encoding")  # fmt: skip
    return [f"{rule} {where}{model}/*" for rule in rules for where in ("", "*/")]


WITH_ADVERSARIAL = [
    *of_network("adversarial"), *study("robustness", "stimuli", "accuracy", "rdms", "layers", "sweep", "history", "reproduction"),
    *study("paths", "rdm_rows", "path_clean", "path_attacked", "reproduction"), *study("measured", "inference", "encoding", "similarity"), *ALL,
]  # fmt: skip
OF_TEST5 = [
    "select_stimuli test5", "attack_stimuli */test5_*", *[f"{rule} *{end}" for end in ("/test5", "/test5_*") for rule in ("activations", "coordinates", "rdms", "separation", "sweep")],
    *study("robustness", "stimuli", "accuracy", "graph", "rdms", "layers", "sweep", "reproduction"), *study("paths", "path_standard_few", "reproduction"),
    "manifolds/adversarial", "simulate_responses *", *OF_RESPONSES, "measured/similarity", *ALL,
]  # fmt: skip
OF_TEST5_FGSM = [
    "attack_stimuli */test5_fgsm", "activations *test5_fgsm", "coordinates *test5_fgsm", "rdms *test5_fgsm", "separation *test5_fgsm",
    *study("robustness", "stimuli", "accuracy", "rdms", "layers", "reproduction"), *ALL,
]  # fmt: skip
OF_CANVASES = [
    "canvases *", *of_network("rcnn", "activations", "coordinates", "rdms", "capacity", "decoding"), *OF_DECODING,
    *study("recurrence", "output_rcnn", "examples_rcnn", "maps_rcnn", "rdms_rcnn", "path_rcnn", "geometry_rcnn"), *ALL,
]  # fmt: skip
NEW_MODEL = (
    "models:\n  another: {architecture: lenet, dataset: digits, seeds: [1], training: {learning_rate: 1, epochs: 1}}\n"
)

EDITS = [
    # what, file, old, new, the jobs that must run
    ("nothing", None, None, None, []),
    ("touching every file", "*", None, None, []),
    ("a comment", "repgeom/store/hdf5.py", "def read_arrays", "# a comment\ndef read_arrays", []),
    ("a docstring", "repgeom/coordinates/reduction.py", "Exact reduction:", "The exact reduction:", []),
    ("formatting", "scripts/rdms.py", "job = start(snakemake)", "job = start(\n    snakemake\n)", []),
    ("a module that nothing imports", "repgeom/new.py", None, "X = 1\n", []),
    ("what notebooks need", "repgeom/notebook.py", '"""Results in a notebook', 'X = 1\n"""Results in a notebook', []),
    ("perturbations that nobody is shown", "repgeom/stimuli/perturbations.py", "+ strength * rng", "- strength * rng", []),
    ("networks of torchvision that nobody asks for", "repgeom/models/torchvision_networks.py", '"vit_"', '"vit"', []),
    # figures
    ("the size of one kind of figure", "repgeom/figures/rdm_panels.py", "45 * MM", "46 * MM", ["robustness/rdms", "paths/rdm_rows", "recurrence/rdms_rcnn"]),
    ("a figure's size", "repgeom/figures/layer_lines.py", "48 * MM", "49 * MM", ["robustness/layers", "measured/encoding"]),
    ("a model's colour", "config.yaml", '"#56B4E9"', '"#56B4E8"', ["paths/path_reseeded"]),
    ("a model's label", "config.yaml", "label: reseeded", "label: another seed", ["paths/path_reseeded"]),
    ("a stimulus set's label", "config.yaml", "label: PGD", "label: Madry", ["robustness/sweep"]),
    ("a title", "config.yaml", "title: two seeds", "title: a pair of seeds", ["paths/path_reseeded"]),
    ("a font size of all figures", "repgeom/figures/style.py", '"font.size": 7', '"font.size": 8', ["*/*", *ALL, "!* *", "!learning_dynamics/reproduction"]),
    ("a node more in a figure of RDMs", "config.yaml", "- {model: adversarial, stimuli: test20_fgsm, nodes: *five}", "- {model: adversarial, stimuli: test20_fgsm, nodes: [input, relu, fc2]}", ["paths/rdm_rows"]),
    ("a node less in a separation", "config.yaml", "- {model: standard, stimuli: test50, nodes: *five}", "- {model: standard, stimuli: test50, nodes: [input, fc2]}", ["capacity standard/1/last/test50", "manifolds/layers"]),
    ("how networks are named", "repgeom/analyses/naming.py", '"last epoch" if', '"the last epoch" if', [*study("robustness", "accuracy", "sweep", "layers", "rdms", "reproduction"), *study("manifolds", "adversarial", "layers", "epochs", "capacities", "reference_mode", "filters", "maps", "reproduction"), "recurrence/geometry_rcnn", *OF_DECODING_FIGURES, "separation *", "paths/rdm_rows", "recurrence/rdms_rcnn", *OF_PATHS, *OF_INFERENCE, "measured/encoding", "measured/similarity", *ALL]),
    ("the script of a page", "repgeom/pages/paths.js", "RADIUS = 6", "RADIUS = 7", [*study("paths", "path_*"), "recurrence/path_rcnn"]),
    ("a caption", "report/rdms.rst", "RDMs", "Matrices", []),
    # analyses and studies
    ("a removed analysis", "configs/quick.yaml", "studies:\n", "studies:\n  robustness: {graph: null}\n", []),
    ("a removed study", "configs/quick.yaml", "studies:\n", "studies:\n  robustness: null\n", ALL),
    ("an added analysis of what is there", "configs/quick.yaml", "studies:\n", "studies:\n  mine: {panels: {kind: rdms, of: [{model: standard, stimuli: test5}]}}\n", ["mine/panels"]),
    ("an added analysis with a table of its own", "configs/quick.yaml", "studies:\n", "studies:\n  mine: {layers: {kind: separation, of: [{model: recurrent, stimuli: test20}]}}\n", ["separation recurrent/1/last/test20", "mine/layers"]),
    ("an analysis that asks for a table that is there", "configs/quick.yaml", "studies:\n", "studies:\n  mine: {layers: {kind: separation, of: [{model: standard, stimuli: test5, nodes: [input, conv1, conv2, fc1, fc2]}]}}\n", ["mine/layers"]),
    ("a model that no analysis looks at", "config.yaml", "models:\n", NEW_MODEL, []),
    ("stimuli that no analysis looks at", "config.yaml", "stimuli:\n", "stimuli:\n  more: {kind: select, dataset: digits, per_class: 2}\n", []),
    # measures
    ("the formula of an RDM", "repgeom/measures/rdm.py", "(x @ x.T)), 0)", "(x @ x.T)), 1e-300)", ["rdms *", "sweep *", "robustness/sweep", "measured/similarity", *OF_RDMS]),
    ("the RDM measure of one analysis", "config.yaml", "measure: &measure correlation", "measure: &measure cosine", ["rdms cosine/*", "separation *", "sweep *", *study("robustness", "rdms", "layers", "sweep")]),
    ("how RDMs are compared", "repgeom/measures/comparison.py", "ROUND_OFF = 1e-12", "ROUND_OFF = 2e-12", ["separation *", "robustness/layers", *OF_INFERENCE, "measured/similarity", *OF_PATHS, *ALL]),
    ("the comparison of one path", "config.yaml", "title: two seeds,", "title: two seeds, comparison: corr,", ["paths/path_reseeded"]),
    ("the perplexity of one embedding", "configs/quick.yaml", "embedding_steps: {perplexity: 5}", "embedding_steps: {perplexity: 6}", ["embeddings recurrent/*", "paths/embedding_steps"]),
    ("draws of one capacity analysis", "configs/quick.yaml", "    layers: {mean_field: {draws: 20}}", "    layers: {mean_field: {draws: 21}}", ["capacity single_conv/111/last/train50", "capacity standard/*", "capacity recurrent/*", "manifolds/layers"]),
    ("the solver of decoding", "repgeom/measures/decoding.py", "EXACT = 1e-14", "EXACT = 1e-13", ["decoding *", *OF_DECODING, *ALL]),
    ("how many canvases are fitted", "configs/quick.yaml", "    auxiliary_rcnn:\n      fit: 90", "    auxiliary_rcnn:\n      fit: 91", ["decoding rcnn/1/last/cluttered", *study("recurrence", "auxiliary_rcnn", "reproduction"), *ALL]),
    ("what a swap is", "config.yaml", "swaps: &swaps corrected", "swaps: &swaps as_published", ["perturbation *", "recurrence/canvases", *OF_PERTURBATION, *ALL]),
    ("the exchange of flows", "repgeom/perturbation.py", "torch.randperm(n_units", "torch.randperm(1 * n_units", ["perturbation *", *OF_PERTURBATION, *ALL]),
    ("the synthesis of metamers", "config.yaml", "      steps: 100\n", "      steps: 90\n", []),
    ("steps of the synthesis", "configs/quick.yaml", "metamers: {steps: 10}", "metamers: {steps: 11}", ["metamers *", "manifolds/metamers", "manifolds/reproduction", *ALL]),
    # measured data
    ("the noise of simulated subjects", "config.yaml", "noise: 2, seed: 0", "noise: 3, seed: 0", ["simulate_responses *", *OF_RESPONSES]),
    ("how RDMs are made of responses", "config.yaml", "label: subjects like fc1", "label: subjects like fc1\n    distance: unbiased", ["measured_rdms *", *OF_INFERENCE]),
    ("the label of data", "config.yaml", "label: subjects like fc1", "label: simulated subjects", study("measured", "inference", "encoding")),
    ("how networks compare with data", "config.yaml", "comparison: cosine_cov", "comparison: corr_cov", OF_INFERENCE),
    ("the correction for many tests", "config.yaml", "comparison: cosine_cov", "comparison: cosine_cov\n      correction: fdr\n      degrees: smallest", ["measured/inference"]),
    ("the choice of the best node", "config.yaml", "comparison: cosine_cov", "comparison: cosine_cov\n      best: true", OF_INFERENCE),
    ("the noise ceiling", "repgeom/measures/inference/ceilings.py", "if len(drawn) < 2:", "if len(drawn) <= 1:", OF_INFERENCE),
    ("how encoding is cross-validated", "config.yaml", "      kind: encoding", "      kind: encoding\n      seed: 1", OF_ENCODING),
    ("how networks are compared", "config.yaml", "{kind: similarity, of", "{kind: similarity, method: procrustes, of", ["measured/similarity"]),
    # shared stages
    ("the reduction", "repgeom/coordinates/reduction.py", "RANK_TOLERANCE = 1e-15", "RANK_TOLERANCE = 2e-15", ["coordinates *", "capacity_draws *", "manifolds/draws", *OF_COORDINATES]),
    ("the recorder", "repgeom/activations/recorder.py", "for batch in batches:\n        answered", "for batch in list(batches):\n        answered", ["activations *", "metamers *", "capacity_draws *", *study("manifolds", "draws", "maps", "metamers"), *OF_ACTIVATIONS]),
    ("coordinates straight from the network", "configs/quick.yaml", "device: cpu\n", "device: cpu\nkeep_activations: false\n", ["coordinates *", *OF_GENERALISATION, *OF_COORDINATES]),
    ("a projection", "configs/quick.yaml", "device: cpu\n", "device: cpu\nprojection: {dimensions: 20}\n", ["coordinates *", *OF_COORDINATES]),
    ("how a projection is drawn", "repgeom/coordinates/projection.py", "FEATURES_AT_ONCE = 128", "FEATURES_AT_ONCE = 64", ["coordinates *", *OF_COORDINATES]),
    ("recording in parts", "configs/quick.yaml", "device: cpu\n", "device: cpu\nrecording_parts: 2\n", ["activations *", "join_activations *", *OF_ACTIVATIONS]),
    ("RDMs straight from activations", "configs/quick.yaml", "device: cpu\n", "device: cpu\nrdms_from: activations\n", ["rdms *", *OF_RDMS]),
    ("the precision of RDMs", "configs/quick.yaml", "device: cpu\n", "device: cpu\nrdm_precision: float32\n", ["rdms *", *OF_RDMS]),
    ("how parts are read", "repgeom/store/parts.py", "file.group.attrs.get(PART)", "list(file.group.attrs.get(PART))", ["activations *", *OF_ACTIVATIONS]),
    ("ε of one attack", "config.yaml", "test5_fgsm: {kind: attack, of: test5, attack: {method: fgsm, epsilon: 0.2}", "test5_fgsm: {kind: attack, of: test5, attack: {method: fgsm, epsilon: 0.1}", OF_TEST5_FGSM),
    ("the attack's code", "repgeom/stimuli/attacks.py", "PGD_STEP = 2.5", "PGD_STEP = 2.0", ["train *", "train_on_canvases *", *OF_TRAINING]),
    ("a seed of one model", "configs/quick.yaml", "adversarial:\n    seeds: [1]", "adversarial:\n    seeds: [4]", ["train adversarial/*", *WITH_ADVERSARIAL]),
    ("an added seed", "configs/quick.yaml", "adversarial:\n    seeds: [1]", "adversarial:\n    seeds: [1, 2]", ["train adversarial/2", *[j.replace("adversarial/*", "adversarial/2*") for j in of_network("adversarial")], *study("robustness", "accuracy", "layers", "sweep", "history", "reproduction"), *study("paths", "path_clean", "path_attacked", "reproduction"), "measured/similarity", *ALL]),
    ("the epochs of one model", "configs/quick.yaml", "adversarial:\n    seeds: [1]\n    training: {epochs: 2}", "adversarial:\n    seeds: [1]\n    training: {epochs: 3}", ["train adversarial/*", *WITH_ADVERSARIAL]),
    ("the training loop", "repgeom/training/classifier.py", "EVALUATION_BATCH = 250", "EVALUATION_BATCH = 500", ["train *", "train_on_canvases *", *OF_TRAINING]),
    ("a helper of one kind", "repgeom/analyses/generalisation.py", '"dot_product": float(', '"dot_product": 1.0 * float(', ["robustness/generalisation"]),
    ("a helper of all rules", "repgeom/store/atomic.py", "yield partial", "yield Path(partial)", ["*"]),
    ("the drawing of a data set", "repgeom/datasets/letters.py", "import numpy as np", "import numpy as np\n\nNOTHING = 0", ["dataset *", "train *", "select_stimuli *", "train_on_canvases *", "canvases *", "recurrence/canvases", *OF_TRAINING]),
    ("a number of stimuli", "configs/quick.yaml", "test5: {per_class: 2", "test5: {per_class: 3", OF_TEST5),
    ("the canvases shown", "config.yaml", "first: 500, seed: 0}", "first: 500, seed: 9}", ["canvases cluttered", *[j + "cluttered" for j in of_network("rcnn", "activations", "coordinates", "rdms", "capacity", "decoding")], *[j for j in OF_CANVASES if "/" in j and "recurrence" in j], *ALL]),
    ("the drawing of canvases", "repgeom/stimuli/clutter/compiled.py", "_HALF = np.float32(1 / 2)", "_HALF = np.float32(2 / 4)", ["train_on_canvases *", "perturbation *", *study("recurrence", "history_rcnn", "canvases", "importance_rcnn"), *OF_CANVASES]),
    ("iterations of an epoch", "configs/quick.yaml", "iterations: 20", "iterations: 21", ["train_on_canvases *", "perturbation *", *study("recurrence", "history_rcnn", "importance_rcnn"), *[j for j in OF_CANVASES if j != "canvases *"]]),
    ("a reference number", "resources/reference_paths.csv", "0.981", "0.982", ["paths/reproduction", *ALL]),
    ("the features of the tree", "configs/quick.yaml", "features: 1000", "features: 1001", LINEAR),
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(quick, tmp_path_factory):
    """The project's code and the finished quick run, both to be edited freely."""
    root = tmp_path_factory.mktemp("edited")
    copy_project(root)
    folder = root / "run"
    shutil.copytree(quick.folder, folder)
    return Workflow(root, folder)


def jobs_of(workflow, *options, **environment) -> set[str]:
    """The jobs that a dry run would run, but for those that only gather others."""
    gathering = {"all", "index", "robustness", "paths", "manifolds", "learning_dynamics", "recurrence", "measured"}
    return planned_jobs(workflow.run("--dry-run", *options, **environment)) - gathering


def matching(jobs, patterns) -> set[str]:
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    refused = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    chosen = {job for job in jobs if any(fnmatchcase(job, pattern) for pattern in wanted)}
    return {job for job in chosen if not any(fnmatchcase(job, pattern) for pattern in refused)}


def check(workflow, patterns, **environment):
    stale, everything = jobs_of(workflow, **environment), jobs_of(workflow, "--forceall", **environment)
    expected = matching(everything, patterns)
    assert stale - expected == set(), "stale without need"
    assert expected - stale == set(), "not seen to be stale"
    assert bool(patterns) == bool(expected)


@pytest.mark.parametrize("what, file, old, new, expected", EDITS, ids=[edit[0] for edit in EDITS])
def test_exactly_what_depends_on_an_edit_is_stale(copy, what, file, old, new, expected):
    if file == "*":
        for path in [
            p for name in ("repgeom", "scripts", "rules") for p in (copy.root / name).rglob("*") if p.is_file()
        ]:
            path.touch()
        assert jobs_of(copy) == set()
        return
    path = copy.root / file if file else None
    before = path.read_text() if path and path.exists() else None
    try:
        if path:
            assert before is None or before.count(old) >= 1, f"{old!r} is not in {file}"
            path.write_text(new if before is None else before.replace(old, new, 1))
        check(copy, expected)
    finally:
        if before is not None:
            path.write_text(before)
        elif path:
            path.unlink()


@pytest.mark.parametrize("file, old, new, stale", [
    (None, None, None, False),
    ("report/rdms.rst", "RDMs", "Matrices", True),
    ("repgeom/pages/index.css", "1rem", "2rem", True),
    ("repgeom/pages/rdms.js", "STEP_MS = 900", "STEP_MS = 800", True),
    ("config.yaml", "device: auto", "device: auto  # a comment", False),
    ("configs/quick.yaml", "device: cpu", "device: cpu\nbatch_size: 100", True),
])  # fmt: skip
def test_all_results_are_shown_anew_when_one_of_them_a_caption_or_the_configuration_changes(
    copy, file, old, new, stale
):
    path = copy.root / file if file else None
    before = path.read_text() if path else ""
    try:
        if path:
            assert old in before
            path.write_text(before.replace(old, new, 1))
        assert ("index" in planned_jobs(copy.run("--dry-run"))) == stale
    finally:
        if path:
            path.write_text(before)


def test_another_version_of_a_library(copy, tmp_path):
    """A newer torch makes stale what runs torch, and what follows."""
    fake = tmp_path / "torch-99.0.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 99.0\n")
    runs_torch = ["train *", "train_on_canvases *", *study("recurrence", "canvases", "connections_rcnn")]
    check(copy, [*runs_torch, *OF_TRAINING, *OF_CANVASES], PYTHONPATH=f"{copy.root}:{tmp_path}")


def test_scripts_see_no_more_than_their_params():
    """A cached result may depend on nothing that Snakemake's cache does not hash."""
    for script in Path(ROOT / "scripts").rglob("*.py"):
        text = script.read_text()
        assert "snakemake.wildcards" not in text and "snakemake.config" not in text, script
