"""The quick configuration of the real workflow: the same bytes on this machine, on the cluster, and through faults."""

import re
import subprocess

import pytest
from cluster import NODES, Cluster, wait_until
from conftest import REPOSITORY, STANDSTILL_S, Run, kill

QUICK = REPOSITORY / "configs" / "quick.yaml"
LONGER = REPOSITORY / "tests" / "slurm" / "longer.yaml"


def _rules() -> dict[str, str]:
    """What is written of each rule, in words and in the tables of rules."""
    found = {}
    for path in (REPOSITORY / "rules").glob("*.smk"):
        blocks = re.split(r'^ *(?:rule |"(?=\w+": dict\())', path.read_text(), flags=re.M)
        ending = {"figures.smk": "_figure", "pages.smk": "_page"}.get(path.name, "")
        found |= {re.match(r"\w+", block)[0] + ending: block for block in blocks[1:]}
    return found


RULES = _rules()
GPU_RULES = {name for name, block in RULES.items() if "gpu=GPU" in block}
"""Those that ask for a GPU where the configuration computes on one."""
ON_GPUS = ["--set-resources", *[f"{rule}:gpu=1" for rule in GPU_RULES]]  # asked for, though not computed on

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not QUICK.exists(), reason=f"no {QUICK.relative_to(REPOSITORY)}")]


@pytest.fixture(scope="module")
def local_results(cluster, tmp_path_factory) -> dict[str, str]:
    local = _quick_run(cluster, tmp_path_factory.mktemp("local"))
    local.finish_locally()
    return local.results()


def _quick_run(cluster: Cluster, folder) -> Run:
    environment = cluster.environment | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    environment.pop("REPGEOM_DATA_DIR", None)
    return Run(folder, REPOSITORY / "Snakefile", ["--configfile", str(QUICK), str(LONGER)], environment)


def test_quick_configuration_on_the_cluster(cluster, tmp_path, local_results):
    run = _quick_run(cluster, tmp_path)
    assert run.finish(*ON_GPUS) == 0, run.output()
    assert run.results() == local_results != {}
    jobs = {job: cluster.jobs()[job] for job in run.submitted()}
    assert {job["state"] for job in jobs.values()} == {"COMPLETED"}
    assert {job["node"] for job in jobs.values()} == set(NODES)
    for job, rule in run.submitted().items():
        details = cluster.command("scontrol", "show", "job", "-d", job)
        expected = not GPU_RULES.isdisjoint(_rules_in(rule))
        assert ("JOB_GRES=gpu:1" in details) == expected, f"{rule}: {details}"


def _rules_in(folder: str) -> list[str]:
    """The rules of a job or a group, from the folder of its log: rule_capacity/…, group_record_activations_rdms/…."""
    longest_first = "|".join(sorted(RULES, key=len, reverse=True))
    return re.findall(rf"_({longest_first})(?=_|$)", folder.partition("/")[0])


def test_rules_are_told_apart_by_the_names_of_jobs():
    named = {
        "rule_capacity_methods/single_conv_111": ["capacity_methods"],
        "group_record_activations_coordinates_rdms": ["activations", "coordinates", "rdms"],
        "group_attacks_attack_stimuli": ["attack_stimuli"],
        "group_figures_paths_figure_similarity_figure": ["paths_figure", "similarity_figure"],
    }
    assert {folder: _rules_in(folder) for folder in named} == named
    assert {"train", "activations", "metamers", "feature_maps_figure"} < GPU_RULES


def test_quick_configuration_through_faults(cluster, tmp_path, local_results):
    """A training cancelled, the controller restarted, a node crashed, snakemake killed: one after the other."""
    run = _quick_run(cluster, tmp_path)
    trainings = run.start("--until", "train", "train_on_canvases")
    cluster.command("scancel", _running(cluster, run, "rule_train_wildcards_standard")[0])
    wait_until(lambda: _only_trainings(cluster), "nothing but trainings to run", STANDSTILL_S, run.progress)
    cluster.stop_controller()
    cluster.start_controller()
    assert run.end_of(trainings) == 0, run.output()
    snakemake = run.start()
    node = _running(cluster, run, "rule_record")[1]["node"]
    cluster.crash_node(node)
    cluster.start_node(node)
    _running(cluster, run, "rule_record")
    kill(snakemake)
    subprocess.run(run.command("--unlock"), cwd=run.folder, env=run.environment, check=True, capture_output=True)
    assert run.end_of(run.start()) == 0, run.output()
    assert run.results() == local_results
    assert not list(run.folder.rglob("*.partial"))


def _only_trainings(cluster: Cluster) -> bool:
    active = cluster.jobs("PENDING,RUNNING,COMPLETING").values()
    return cluster.is_settled() and all(job["comment"].startswith("rule_train") for job in active)


def _running(cluster: Cluster, run: Run, comment: str) -> tuple[str, dict[str, str]]:
    """The first running job of a rule or group, once there is one."""

    def found() -> list[tuple[str, dict[str, str]]]:
        return [item for item in cluster.jobs("RUNNING").items() if item[1]["comment"].startswith(comment)]

    wait_until(found, f"a job of {comment}", STANDSTILL_S, run.progress)
    return found()[0]
