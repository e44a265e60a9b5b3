"""Whatever dies in the middle of a run, the run, or the next one, ends with the results of an undisturbed one."""

import subprocess
import time

import pytest
from cluster import wait_until
from conftest import Run, journal, kill, wait_for_training


@pytest.fixture
def expected(new_run):
    """Results of an undisturbed run on this machine."""

    def results(steps: int, *models: str) -> dict[str, str]:
        local = new_run("local", steps, **dict.fromkeys(models, "none"))
        local.finish_locally()
        return local.results()

    return results


def attempts(cluster, run: Run, model: str) -> list[dict[str, str]]:
    """SLURM's view of every job that trained a model, in order."""
    known = cluster.jobs()
    return [known[job] for job, rule in run.submitted().items() if rule == f"rule_train/{model}"]


def job_of(cluster, model: str) -> tuple[str, dict[str, str]]:
    """The running job that trains a model: its id and SLURM's view of it."""
    running = cluster.jobs("RUNNING").items()
    return next((i, job) for i, job in running if job["comment"] == f"rule_train_wildcards_{model}")


def test_job_cancelled_out_of_memory_or_out_of_time_succeeds_on_retry(cluster, new_run, expected):
    run = new_run("run", 40, 0, minutes=1, cancelled="none", memory="memory", runtime="runtime")
    snakemake = run.start()
    wait_for_training(run, "cancelled")
    cluster.command("scancel", job_of(cluster, "cancelled")[0])
    assert run.end_of(snakemake) == 0, run.output()
    assert run.results() == expected(40, "cancelled", "memory", "runtime")
    for model, state in {"cancelled": "CANCELLED", "memory": "FAILED", "runtime": "TIMEOUT"}.items():
        first, second = attempts(cluster, run, model)
        assert (first["state"], second["state"]) == (state, "COMPLETED")
        assert (first["memory"], second["memory"]) == ("500M", "1000M")
        assert (first["limit"], second["limit"]) == ("1:00", "2:00")
    # Without control groups SLURM ends the step, not the job, and says why in its log.
    (log,) = run.folder.glob("results/logs/slurm/rule_train/memory/*.log")
    assert "exceeded memory limit" in log.read_text()


def test_compute_nodes_that_die(cluster, new_run, expected):
    """A daemon that is killed and comes back keeps its job; a node that loses its processes fails it."""
    run = new_run("run", 40, 1, a="none", b="none")
    snakemake = run.start()
    wait_for_training(run, "a", "b")
    nodes = {model: job_of(cluster, model)[1]["node"] for model in "ab"}
    cluster.kill_daemon(nodes["a"])
    cluster.crash_node(nodes["b"])
    time.sleep(3)
    cluster.start_node(nodes["a"])
    cluster.start_node(nodes["b"])
    assert run.end_of(snakemake) == 0, run.output()
    assert run.results() == expected(40, "a", "b")
    assert [job["state"] for job in attempts(cluster, run, "a")] == ["COMPLETED"]
    lost, retried = attempts(cluster, run, "b")
    assert (lost["state"], retried["state"]) == ("NODE_FAIL", "COMPLETED")
    assert [entry["event"] for entry in journal(run, "b")] == ["start", "start", "end"]


def test_controller_that_is_away_while_jobs_are_looked_at(cluster, new_run, expected):
    run = new_run("run", 80, 1, a="none", b="none")
    snakemake = run.start("--verbose")
    wait_for_training(run, "a", "b")
    cluster.stop_controller()
    wait_until(lambda: "(final attempt)" in run.output(), "a round of unanswered status queries", 120, run.progress)
    cluster.start_controller()
    assert run.end_of(snakemake) == 0, run.output()
    assert run.results() == expected(80, "a", "b")
    assert len(run.submitted()) == 5


def test_snakemake_killed_and_started_again(cluster, new_run, expected):
    """The jobs that a killed snakemake leaves behind are ended before others write the same files."""
    run = new_run("run", 40, 1, a="none", b="none")
    snakemake = run.start()
    wait_for_training(run, "a", "b")
    left = [job_of(cluster, model)[0] for model in "ab"]
    kill(snakemake)
    assert {cluster.jobs()[job]["state"] for job in left} == {"RUNNING"}
    subprocess.run(run.command("--unlock"), cwd=run.folder, env=run.environment, check=True, capture_output=True)
    assert run.finish() == 0, run.output()
    assert {cluster.jobs()[job]["state"] for job in left} == {"CANCELLED"}
    for model in "ab":
        assert [entry["event"] for entry in journal(run, model)] == ["start", "start", "end"]
    assert run.results() == expected(40, "a", "b")


def test_job_that_can_never_succeed(cluster, new_run):
    run = new_run("run", 5, 0, bad="always", good="none")
    assert run.finish() == 1
    assert "this training can never succeed" in run.output()
    assert set(run.results()) == {"results/weights/good.txt", "results/tables/good.txt"}
    assert [job["state"] for job in attempts(cluster, run, "bad")] == ["FAILED"] * 3
    assert len(list(run.folder.glob("results/logs/slurm/rule_train/bad/*.log"))) == 3
