"""The configurations that ship, and faults of the studies' own sections."""

import copy
import json
from pathlib import Path

import pytest
import yaml

from repgeom.cli import configuration_schema, main, merged_configuration
from repgeom.config.configuration import load_configuration
from repgeom.errors import InputError

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


@pytest.mark.parametrize("file", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_are_good(file, capsys):
    assert main(["check", str(file)]) == 0
    assert "good" in capsys.readouterr().out


def test_schema_is_up_to_date():
    assert json.loads((ROOT / "config.schema.json").read_text()) == json.loads(configuration_schema())


BAD = [
    ("learning_dynamics.tree.levels", 2, "tree: 4 items; the illusory correlations need 8"),
    ("learning_dynamics.rsm_epochs", [0, 400], "rsm_epochs.1: epoch 400 is beyond the last one, 250"),
    ("learning_dynamics.grid.gammas", [1.0], "grid.gammas: List should have at least 2 items"),
    ("learning_dynamics.seeds", [], "seeds: List should have at least 1 item"),
    ("manifolds.first_layer", "cov", "model 'single_conv' has no node 'cov'; did you mean 'conv'?"),
    ("manifolds.epochs", [0, 11], "manifolds.epochs.1: epoch 11 is beyond the last one of 'single_conv', 10"),
    (
        "manifolds.direct.analyses",
        ["lenett"],
        "manifolds.direct.analyses.0: no such name 'lenett'; did you mean 'lenet'?",
    ),
    ("manifolds.direct.epochs", [3], "manifolds.direct.epochs.0: epoch 3 is not among studies.manifolds.epochs"),
    ("manifolds.direct.dichotomies", 5, "direct.dichotomies: should be greater than or equal to 10, found 5"),
    ("manifolds.image_draws.draws", 1, "image_draws.draws: should be greater than or equal to 2, found 1"),
    ("manifolds.image_draws.nodes", ["fcc"], "manifolds.image_draws.nodes.0: no such name 'fcc'; did you mean 'fc'?"),
    ("manifolds.metamers.nodes", ["fcc"], "manifolds.metamers.nodes.0: no such name 'fcc'; did you mean 'fc'?"),
    ("manifolds.clouds", "train_first10", "manifolds.clouds: 'train_first10' does not select images per class"),
    ("manifolds.attacked", "test5", "manifolds.attacked: 'test5' is not an attacked stimulus set with one epsilon"),
    ("manifolds.attacked", "test5_fgsm_sweep", "'test5_fgsm_sweep' is not an attacked stimulus set with one epsilon"),
    ("manifolds.further.recurrent.nodes", ["conv2_5"], "model 'recurrent' has no node 'conv2_5'; did you mean 'conv2"),
    ("paths.comparison", "cosin", "paths.comparison: expected 'cosine', 'corr'"),
    ("paths.reach_clean", "standard", "reach_clean: names a path with two members"),
    ("paths.few", "standard_fw", "paths.few: no such name 'standard_fw'; did you mean 'standard_few'?"),
    ("paths.paths.clean.members", [], "paths.paths.clean.members: List should have at least 1 item"),
    (
        "paths.paths.clean.members",
        [{"model": "standrd", "stimuli": "test20"}],
        "members.0.model: no such name 'standrd'; did you mean 'standard'?",
    ),
    ("paths.paths.clean.members", [{"model": "standard", "stimuli": "test20"}] * 2, "a model occurs twice"),
    (
        "paths.embeddings.layers.nodes",
        ["conv9"],
        "paths.embeddings.layers.nodes.0: model 'standard' has no node 'conv9'",
    ),
    ("recurrence.models", ["standard"], "recurrence.models.0: 'standard' is a lenet; this study is about models with"),
    ("recurrence.models", [], "recurrence.models: List should have at least 1 item"),
    ("recurrence.cluttered", "clean", "recurrence.cluttered: 'clean' shows the version 'clean'; name canvases with"),
    ("recurrence.clean", "test5", "recurrence.clean: 'test5' holds no canvases"),
    ("recurrence.decoding.fit", 500, "'cluttered' has 500 canvases, of which decoding.fit = 500; leave some to test"),
    ("recurrence.perturbation.swaps", "corect", "perturbation.swaps: expected 'corrected' or 'as_published'"),
    ("paths.recurrent", "recurent", "paths.recurrent: no such name 'recurent'; did you mean 'recurrent'?"),
]


@pytest.mark.parametrize("path, value, message", BAD, ids=[f"{p}={v!r:.20}" for p, v, _ in BAD])
def test_faults_are_explained(path, value, message):
    raw = copy.deepcopy(merged_configuration([]))
    section = raw["studies"]
    *parents, last = path.split(".")
    for key in parents:
        section = section[key]
    section[last] = value
    with pytest.raises(InputError) as error:
        load_configuration(raw)
    assert message in str(error.value)


def test_command_tells_errors_and_not_tracebacks(tmp_path, capsys):
    assert main(["show", str(tmp_path / "nothing.h5")]) == 1
    assert "no such file" in capsys.readouterr().err
    (tmp_path / "bad.yaml").write_text("device: gpu\n")
    assert main(["check", str(tmp_path / "bad.yaml")]) == 1
    assert "device: expected" in capsys.readouterr().err


def test_profiles_agree_on_what_must_hold_in_both():
    default, slurm = (
        yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text()) for name in ("default", "slurm")
    )
    for key in (
        "rerun-triggers",
        "max-checksum-file-size",
        "keep-going",
        "nolock",
        "rerun-incomplete",
        "show-failed-logs",
        "printshellcmds",
    ):
        assert default[key] == slurm[key], key
    assert default["cores"] == "all" and "gpu=1" in default["resources"]
