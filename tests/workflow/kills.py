"""Runs that are killed, and another configuration that runs in their folder."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import yaml
from project import ROOT, Workflow

KILL_PATIENCE_S = 600
GOES_ON_S = 10
"""So long a run that has lost a job goes on with others before it is asked to stop."""


def start(folder, *targets):
    """Start the first configuration in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
    command += ["--configfile", str(ROOT / "configs/quick.yaml"), "--directory", str(folder), "--", *targets]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def jobs_of(group):
    """The scripts at work in a process group of this leader: interpreters of their own, or copies of a server's."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, stat = (process / "cmdline").read_bytes(), (process / "stat").read_text()
        except OSError:
            continue
        _, parent, of_group, *_ = stat.rpartition(")")[2].split()
        copy = b"repgeom.workflow.fork_server" in command and int(parent) != group
        if int(of_group) == group and (copy or b".snakemake/scripts/" in command):
            found.append(int(process.name))
    return found


def kill(victim, run):
    """Kill and return what else is at work in the group."""
    jobs = jobs_of(run.pid)
    doomed = ([run.pid] if victim != "job" else []) + (jobs[-1:] if victim != "snakemake" else [])
    for process in doomed:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    if victim == "job":
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=GOES_ON_S)
        run.terminate()
    run.wait(timeout=KILL_PATIENCE_S)
    return [job for job in jobs if job not in doomed]


def run_other(folder, configuration, target, patience_s):
    """Make a target under another configuration as soon as that may be; returns how often it was refused."""
    (overlay := folder / "other.yaml").write_text(yaml.safe_dump(configuration))
    configs = ["--configfile", str(ROOT / "configs/quick.yaml"), str(overlay)]
    deadline, refused = time.monotonic() + patience_s, 0
    while True:
        done = Workflow(ROOT, folder).run("--cores", "2", *configs, "--", target, config=None, check=False)
        told = done.stdout + done.stderr
        if not done.returncode:
            return refused
        assert "a job of an ended run is still at work" in told, told[-3000:]
        assert time.monotonic() < deadline
        refused += 1
        time.sleep(0.5)
