"""The same graph on a real SLURM: same results, jobs spread over the nodes, GPUs where they were asked for."""

from cluster import NODES
from conftest import journal

MODELS = {"a": "none", "b": "none"}


def test_run_on_the_cluster(cluster, new_run):
    """One run, looked at from all sides (a run takes most of a minute)."""
    local, remote = new_run("local", **MODELS), new_run("remote", **MODELS)
    local.finish_locally()
    assert remote.finish("--group-components", "tables=10") == 0, remote.output()
    assert remote.results() == local.results() != {}
    _check_gpus(cluster, remote)
    _check_grouping(remote)
    assert {journal(remote, m)[-1]["SLURMD_NODENAME"] for m in MODELS} == set(NODES)
    assert not list(remote.folder.glob("results/logs/slurm/**/*.log"))  # SLURM's logs of jobs that succeeded


def _check_gpus(cluster, run) -> None:
    """Trainings had one GPU each, and no two at once the same; other jobs had none."""
    for job, rule in run.submitted().items():
        details = cluster.command("scontrol", "show", "job", "-d", job)
        assert ("TresPerJob=gres:gpu:1" in details) == ("rule_train" in rule), details
        assert ("JOB_GRES=gpu:1" in details) == ("rule_train" in rule), details
    for model in MODELS:
        assert [entry["CUDA_VISIBLE_DEVICES"] for entry in journal(run, model)] == ["0", "0"]


def _check_grouping(run) -> None:
    """Two tables in one allocation: four submitted jobs where there are five."""
    rules = sorted(rule.split("/")[0] for rule in run.submitted().values())
    assert rules == ["group_tables_table", "rule_summary", "rule_train", "rule_train"]
