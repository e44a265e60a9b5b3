"""The test cluster, and runs of a workflow on it."""

import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cluster import Cluster, end_with_parent, missing_requirements, wait_until

REPOSITORY = Path(__file__).parents[2]
PROFILE = REPOSITORY / "profiles" / "slurm"
OF_THE_RUN = ("results/logs/", "results/benchmarks/", "results/index.html", "results/share.zip", "results/.runs.jsonl")
"""What tells when, where and for how long a run took place."""
STANDSTILL_S = 300
"""Longer than a job may say nothing on a machine that others keep busy, and than snakemake looks away."""


@dataclass
class Run:
    """One working folder, in which snakemake is started once or several times."""

    folder: Path
    snakefile: Path
    config: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def command(self, *options: str) -> list[str]:
        """How snakemake is called."""
        snakemake = [sys.executable, str(Path(__file__).with_name("impatient_snakemake.py"))]
        return [*snakemake, f"--snakefile={self.snakefile}", *options, *self.config]

    def start(self, *options: str) -> subprocess.Popen:
        """Start snakemake on the cluster in a process group of its own; its output goes to `snakemake.output`."""
        cluster_options = [f"--workflow-profile={PROFILE}", "--slurm-init-seconds-before-status-checks=2"]
        with open(self.folder / "snakemake.output", "ab") as output:
            return subprocess.Popen(
                self.command(*cluster_options, "--latency-wait=5", *options),
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def finish(self, *options: str) -> int:
        """Run snakemake on the cluster to its end, and return its exit status."""
        return self.end_of(self.start(*options))

    def end_of(self, snakemake: subprocess.Popen) -> int:
        """The exit status of snakemake; its process group is killed once nothing has changed in the folder for long."""
        try:
            wait_until(lambda: snakemake.poll() is not None, "snakemake's end", STANDSTILL_S, self.progress)
        except TimeoutError:
            kill(snakemake)
            raise
        return snakemake.returncode

    def progress(self) -> tuple[int, int]:
        """What changes as long as anything happens: how many files there are, and when one was last written."""
        paths = (Path(top, name) for top, folders, files in os.walk(self.folder) for name in (*folders, *files))
        times = [status.st_mtime_ns for path in paths if (status := _status(path))]
        return len(times), max(times, default=0)

    def finish_locally(self) -> None:
        """Run everything on this machine, without the cluster."""
        profile = f"--workflow-profile={REPOSITORY / 'profiles' / 'default'}"
        environment = self.environment | {"TOY_STEP_SECONDS": "0"}
        done = subprocess.run(self.command(profile), cwd=self.folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def results(self) -> dict[str, str]:
        """SHA-256 of every result, by path; what tells of the run itself is none."""
        files = (p for p in self.folder.glob("results/**/*") if p.is_file())
        paths = {str(p.relative_to(self.folder)): p for p in files}
        kept = {name: path for name, path in paths.items() if not name.startswith(OF_THE_RUN)}
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(kept.items())}

    def output(self) -> str:
        """What snakemake has printed so far."""
        return (self.folder / "snakemake.output").read_text()

    def submitted(self) -> dict[str, str]:
        """SLURM job ids, in order, with the folder of their log, which is named after rule and wildcards."""
        found = re.findall(r"submitted with SLURM jobid (\d+) \(log: .*/slurm/(.*)/\d+\.log\)", self.output())
        return dict(found)


def _status(path: Path) -> os.stat_result | None:
    """Of a file that may vanish while we look."""
    try:
        return path.lstat()
    except OSError:
        return None


def kill(snakemake: subprocess.Popen) -> None:
    """Kill snakemake and its children at once, so that nothing can be cleaned up."""
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.wait()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    if reason := missing_requirements():
        pytest.skip(f"no test cluster: {reason}")
    cluster = Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def new_run(cluster, tmp_path):
    """Makes runs of the toy workflow, each in a folder of its own; `models` maps names to faults.

    Trainings have ten minutes, for a machine that others keep busy: SLURM may look for a lost job only after one.
    """
    environment = cluster.environment | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}

    def make(name: str, steps: int = 10, gpus: int = 1, minutes: int = 10, **models: str) -> Run:
        folder = tmp_path / name
        folder.mkdir()
        faults = ", ".join(f"{model}: {fault}" for model, fault in models.items())
        config = ["--config", f"models={{{faults}}}", f"steps={steps}", f"gpus={gpus}", f"minutes={minutes}"]
        return Run(folder, Path(__file__).parent / "toy" / "Snakefile", config, environment)

    return make


def journal(run: Run, model: str) -> list[dict[str, str]]:
    """Every start and end of a training, in order, with job id, node and visible GPU."""
    lines = (run.folder / "journal" / model).read_text().splitlines()
    return [{"event": event} | dict(f.split("=") for f in fields) for event, *fields in map(str.split, lines)]


def wait_for_training(run: Run, *models: str) -> None:
    """Return once the trainings have started, with their first steps saved."""
    wait_until(
        lambda: all((run.folder / "resume" / m).exists() for m in models), "the trainings to start", 120, run.progress
    )
