"""An edit makes stale exactly what depends on it: asserted against `snakemake --dry-run`."""

import shutil
from pathlib import Path

import pytest
from project import ROOT, Workflow, planned_rules

COPIED = ("Snakefile", "config.yaml", "configs", "profiles", "repgeom", "resources", "rules", "scripts", "envs")
STUDY = "robustness"

FIGURES = {f"robustness_{f}" for f in ("stimuli", "accuracy", "graph", "rdms", "layers", "generalisation", "sweep")}
TABLES = {"robustness_reproduction"}
BEHIND_RDMS = {"robustness_rdms", "robustness_layers"}
BEHIND_COORDINATES = {"rdms", "robustness_accuracy", "robustness_graph", "robustness_sweep"} | BEHIND_RDMS | TABLES
BEHIND_ACTIVATIONS = {"coordinates", "robustness_generalisation"} | BEHIND_COORDINATES
BEHIND_ATTACKS = {"activations", "robustness_stimuli"} | BEHIND_ACTIVATIONS
BEHIND_TRAINING = {"attack_stimuli"} | BEHIND_ATTACKS
BEHIND_DATA = {"train", "select_stimuli"} | BEHIND_TRAINING

EDITS = [
    # what, file, old, new, the rules that must run again
    ("nothing", None, None, None, set()),
    ("a colour of one figure", "repgeom/figures/rdm_panels.py", '"magma_r"', '"viridis_r"', {"robustness_rdms"}),
    ("a figure's size", "repgeom/figures/epsilon_sweep.py", "42 * MM", "44 * MM", {"robustness_sweep"}),
    ("a font size of all figures", "repgeom/figures/style.py", '"font.size": 7', '"font.size": 8', FIGURES),
    ("a model's colour", "config.yaml", '"#0072B2"', '"#0072B3"', {"robustness_accuracy", "robustness_layers", "robustness_sweep"}),
    ("a model's label", "config.yaml", "label: standard", "label: clean", {"robustness_stimuli", "robustness_accuracy", "robustness_layers", "robustness_sweep", "robustness_rdms"}),
    ("a comment", "repgeom/store/hdf5.py", "def damaged", "# a comment\ndef damaged", set()),
    ("a docstring", "repgeom/coordinates/reduction.py", "Exact reduction:", "The exact reduction:", set()),
    ("formatting", "scripts/rdms.py", "job = start(snakemake)", "job = start(\n    snakemake\n)", set()),
    ("touching every file", "*", None, None, set()),
    ("the formula of an RDM", "repgeom/measures/rdm.py", "(x @ x.T)), 0)", "(x @ x.T)), 1e-300)", {"rdms", "robustness_sweep", "robustness_rdms", "robustness_layers"}),
    ("the RDM measure", "config.yaml", "measure: correlation", "measure: euclidean", {"rdms", "robustness_rdms", "robustness_layers", "robustness_sweep"}),
    ("the reduction", "repgeom/coordinates/reduction.py", "RANK_TOLERANCE = 1e-15", "RANK_TOLERANCE = 2e-15", {"coordinates"} | BEHIND_COORDINATES),
    ("the recorder", "repgeom/activations/recorder.py", "for batch in batches:\n        recorder", "for batch in list(batches):\n        recorder", {"activations"} | BEHIND_ACTIVATIONS),
    ("ε of the attack", "config.yaml", "test5_fgsm: {kind: attack, of: test5, attack: {method: fgsm, epsilon: 0.2}}", "test5_fgsm: {kind: attack, of: test5, attack: {method: fgsm, epsilon: 0.1}}", BEHIND_TRAINING - {"robustness_generalisation", "robustness_graph", "robustness_sweep"}),
    ("the attack's code", "repgeom/stimuli/attacks.py", "PGD_STEP = 2.5", "PGD_STEP = 2.0", {"train"} | BEHIND_TRAINING),
    ("a seed of one model", "configs/quick.yaml", "adversarial:\n    seeds: [1]", "adversarial:\n    seeds: [4]", {"train"} | BEHIND_TRAINING - {"robustness_generalisation", "robustness_graph"}),
    ("an added seed", "configs/quick.yaml", "adversarial:\n    seeds: [1]", "adversarial:\n    seeds: [1, 2]", ({"train"} | BEHIND_TRAINING) - {"robustness_generalisation", "robustness_graph", "robustness_stimuli", "robustness_rdms"}),
    ("the number of epochs of one model", "configs/quick.yaml", "adversarial:\n    seeds: [1]\n    training: {epochs: 2}", "adversarial:\n    seeds: [1]\n    training: {epochs: 3}", {"train"} | BEHIND_TRAINING - {"robustness_generalisation", "robustness_graph"}),
    ("the training loop", "repgeom/training/classifier.py", "EVALUATION_BATCH = 250", "EVALUATION_BATCH = 500", {"train"} | BEHIND_TRAINING),
    ("a helper of one rule", "repgeom/studies/generalisation.py", '"dot_product": float(', '"dot_product": 1.0 * float(', {"robustness_generalisation"}),
    ("a helper of all rules", "repgeom/store/atomic.py", "yield partial", "yield Path(partial)", {"dataset"} | BEHIND_DATA),
    ("the drawing of a data set", "repgeom/datasets/digits.py", "WHITE = 16", "WHITE = 17", {"dataset"} | BEHIND_DATA),
    ("a number of stimuli", "configs/quick.yaml", "test5: {per_class: 2}", "test5: {per_class: 3}", {"select_stimuli"} | BEHIND_TRAINING - {"robustness_generalisation"}),
    ("a reference number", "resources/reference_robustness.csv", "0.60", "0.61", {"robustness_reproduction"}),
    ("an added model that no figure shows", "config.yaml", "models:\n", "models:\n  another:\n    architecture: lenet\n    dataset: digits\n    seeds: [1]\n    training: {learning_rate: 1, epochs: 1}\n", set()),
    ("a module that nothing imports", "repgeom/new.py", None, "X = 1\n", set()),
]  # fmt: skip

BEHIND_DECODING = {"recurrence_decoding", "recurrence_decoding_figures", "recurrence_reproduction"}
BEHIND_PERTURBATION = {"recurrence_perturbation", "recurrence_importance", "recurrence_reproduction"}
BEHIND_CANVASES = {
    "activations", "coordinates", "rdms", "recurrence_output", "recurrence_examples", "recurrence_maps",
    "recurrence_rdms", "recurrence_path", "recurrence_geometry",
} | BEHIND_DECODING  # fmt: skip
RECURRENCE_EDITS = [
    ("what a swap is", "config.yaml", "swaps: corrected", "swaps: as_published", BEHIND_PERTURBATION | {"recurrence_canvases"}),
    ("the solver of decoding", "repgeom/measures/decoding.py", "EXACT = 1e-14", "EXACT = 1e-13", BEHIND_DECODING),
    ("the exchange of flows", "repgeom/perturbation.py", "torch.randperm(n_units", "torch.randperm(1 * n_units", BEHIND_PERTURBATION),
    ("how time courses are drawn", "repgeom/figures/timecourses.py", "SPREAD = 0.07", "SPREAD = 0.06", {"recurrence_output", "recurrence_decoding_figures", "recurrence_importance", "recurrence_geometry", "recurrence_reproduction"}),
    ("the canvases shown", "config.yaml", "first: 500, seed: 0}", "first: 500, seed: 9}", {"canvases"} | BEHIND_CANVASES),
    ("the drawing of canvases", "repgeom/stimuli/clutter/compiled.py", "_HALF = np.float32(1 / 2)", "_HALF = np.float32(2 / 4)", {"canvases", "train_on_canvases", "recurrence_history", "recurrence_canvases"} | BEHIND_CANVASES | BEHIND_PERTURBATION),
    ("iterations of an epoch", "configs/quick.yaml", "iterations: 20", "iterations: 21", {"train_on_canvases", "recurrence_history"} | BEHIND_CANVASES | BEHIND_PERTURBATION),
    ("the recipe of another network", "config.yaml", "gamma: 0.9", "gamma: 0.8", set()),
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(quick, tmp_path_factory):
    """The project's code and the finished quick run, both to be edited freely."""
    root = tmp_path_factory.mktemp("edited")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / name)
    folder = root / "run"
    shutil.copytree(quick.folder, folder)
    return Workflow(root, folder)


def stale_rules(workflow, study=STUDY, **environment) -> set[str]:
    """The rules of the study that a dry run would run again."""
    done = workflow.run("--dry-run", study, **environment)
    return planned_rules(done) - {study, "all"}


@pytest.mark.parametrize(
    "study, what, file, old, new, expected",
    [(STUDY, *edit) for edit in EDITS] + [("recurrence", *edit) for edit in RECURRENCE_EDITS],
    ids=[edit[0] for edit in EDITS + RECURRENCE_EDITS],
)
def test_exactly_what_depends_on_an_edit_is_stale(copy, study, what, file, old, new, expected):
    if file == "*":
        for path in [
            p for name in ("repgeom", "scripts", "rules") for p in (copy.root / name).rglob("*") if p.is_file()
        ]:
            path.touch()
        assert stale_rules(copy, study) == expected
        return
    path = copy.root / file if file else None
    before = path.read_text() if path and path.exists() else None
    try:
        if path:
            assert before is None or before.count(old) >= 1, f"{old!r} is not in {file}"
            path.write_text(new if before is None else before.replace(old, new, 1))
        assert stale_rules(copy, study) == expected
    finally:
        if before is not None:
            path.write_text(before)
        elif path:
            path.unlink()


def test_another_version_of_a_library(copy, tmp_path):
    """A newer torch makes stale what runs torch, and what follows."""
    fake = tmp_path / "torch-99.0.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 99.0\n")
    search = f"{copy.root}:{tmp_path}"
    assert stale_rules(copy, PYTHONPATH=search) == {"train"} | BEHIND_TRAINING


def test_scripts_see_no_more_than_their_params():
    """A cached result may depend on nothing that Snakemake's cache does not hash."""
    for script in Path(ROOT / "scripts").rglob("*.py"):
        text = script.read_text()
        assert "snakemake.wildcards" not in text and "snakemake.config" not in text, script
