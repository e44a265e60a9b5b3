"""What is asked for is checked before jobs are planned."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from snakemake_interface_common.exceptions import ApiError

from repgeom.config.configuration import load_configuration
from repgeom.errors import InputError
from repgeom.workflow import targets
from repgeom.workflow.targets import check_before_planning, check_study_names, check_targets, rule_names

ROOT = Path(__file__).parents[2]

RULES = {"all": True, "robustness": True, "paths": True, "train": False}
FILES = ["results/figures/robustness/layers.png", "results/tables/robustness/layers.csv"]


@pytest.mark.parametrize(
    "target, message",
    [
        ("robustnes", "no study or rule 'robustnes'; did you mean 'robustness'?"),
        ("trian", "no study or rule 'trian'; known: all, paths, robustness"),
        ("results/figures/robustness/layer.png", "layer.png; did you mean 'results/figures/robustness/layers.png'?"),
        ("results/tables/robustness/layers.cvs", "layers.cvs; did you mean 'results/tables/robustness/layers.csv'?"),
        ("./results/figures/robustness/layer.png", "did you mean 'results/figures/robustness/layers.png'?"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(target, message):
    with pytest.raises(InputError) as error:
        check_targets(["all", target], RULES, FILES)
    assert message in str(error.value)


def test_what_can_be_made_or_only_snakemake_can_judge_passes():
    others = ["train", "results/models/net/seed1/history.csv", "results/x", "/elsewhere/results/figures/x.png", "x.csv"]
    check_targets([*RULES, *FILES, *others], RULES, FILES)


class Workflow:
    """As far as the check knows it."""

    def __init__(self, targets, is_main_process=True, touch=False):
        self.is_main_process, self.touch, self.prepared = is_main_process, touch, []
        self.dag_settings = SimpleNamespace(targets=targets)
        reproduction = "results/tables/reproduction.csv"
        self.rules = [self.rule("robustness"), self.rule("train", True), self.rule("reproduction", False, reproduction)]

    @staticmethod
    def rule(name, wildcards=False, *output):
        return SimpleNamespace(name=name, output=output, has_wildcards=lambda: wildcards)

    def _prepare_dag(self, forceall, **options):
        self.prepared.append((forceall, options))
        return "prepared"


def test_the_check_comes_before_planning():
    workflow = Workflow(["robustnes"])
    check_before_planning(workflow, FILES)
    with pytest.raises(ApiError, match="did you mean 'robustness'"):
        workflow._prepare_dag(False, nolock=True)
    assert not workflow.prepared


@pytest.mark.parametrize("targets", [set(), {"robustness"}, {"results/tables/reproduction.csv"}, set(FILES)])
def test_good_targets_are_planned_as_before(targets):
    workflow = Workflow(targets)
    check_before_planning(workflow, FILES)
    assert workflow._prepare_dag(False, nolock=True) == "prepared"
    assert workflow.prepared == [(False, {"nolock": True})]


def test_files_are_dated_anew_by_whoever_holds_the_folder(monkeypatch):
    held = []
    monkeypatch.setattr(targets, "hold_folder", lambda: held.append("held"))
    for touch in (False, True):
        check_before_planning(workflow := Workflow(["robustness"], touch=touch), FILES)
        workflow._prepare_dag(False)
    assert held == ["held"]


def test_processes_of_single_jobs_are_not_checked():
    workflow = Workflow(["results/figures/robustness/other.png"], is_main_process=False)
    check_before_planning(workflow, FILES)
    assert workflow._prepare_dag(False) == "prepared"


def test_a_study_may_not_be_named_like_a_rule():
    check_study_names(["mine"], ["train", "all"])
    with pytest.raises(InputError, match=r"studies\.train: the workflow has a rule of this name; choose another"):
        check_study_names(["mine", "train"], ["train", "all"])


def test_rules_are_known_without_snakemake():
    """As Snakemake names them, which reads those of learning dynamics only where they are asked for."""
    command = [sys.executable, "-m", "snakemake", "--list-rules", "--snakefile", str(ROOT / "Snakefile")]
    listed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.split()
    studies = load_configuration(yaml.safe_load((ROOT / "config.yaml").read_text())).study_names()
    known = set(rule_names(ROOT))
    assert {name for name in listed if "learning_dynamics" not in name} - set(studies) <= known
    assert {"separation", "separation_figure", "rdms_page"} <= known and not known & {*studies, "accuracy"}
