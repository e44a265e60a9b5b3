"""A real SLURM on one machine, for tests: a controller and two compute daemons on loopback, started by hand.

Each compute daemon has its own node name, port and spool folder (`slurmd -N name`) and claims one GPU, whose
device file is a terminal that nothing uses. Authentication is a munge daemon with its own key and socket.
There is no accounting. Everything lives in one folder, and only processes started here are ended.
"""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

NODES = {"alpha": "/dev/tty1", "beta": "/dev/tty2"}
CPUS, MEMORY_MB = 4, 20_000
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")

SLURM_CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory,CR_LLN
SlurmdParameters=config_overrides
GresTypes=gpu
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=3600
SchedulerParameters=sched_interval=2,bf_interval=2
{nodes}
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} RealMemory={memory} Gres=gpu:1"


def missing_requirements() -> str:
    """Why no cluster can be started here; empty if one can."""
    absent = [program for program in PROGRAMS if not shutil.which(program, path=_search_path())]
    if absent:
        return f"no {', '.join(absent)} (Debian: apt-get install slurm-wlm munge)"
    return "" if os.geteuid() == 0 else "the daemons of the test cluster need root"


def _search_path() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


class Cluster:
    """The test cluster in `folder`; `environment` is what its clients need."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = os.environ | {
            "SLURM_CONF": str(folder / "slurm.conf"),
            "PATH": f"{folder}/bin{os.pathsep}{_search_path()}",
        }
        self._daemons: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        """Configure and start everything; returns when both nodes are idle."""
        self._configure()
        self._start_munge()
        self.start_controller()
        for node in NODES:
            self.start_node(node)

    def stop(self) -> None:
        """Cancel all jobs and end every process that `start` started."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._kill_steps(self._cancel_jobs())
        for name in reversed(list(self._daemons)):
            self._end(name)

    def _cancel_jobs(self) -> Collection[str]:
        """Cancel all jobs, and return those that would not end."""
        self.command("scancel", "--user=root")
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not self.jobs("PENDING,RUNNING,COMPLETING"), "the end of all jobs", 20)
        return self.jobs("PENDING,RUNNING,COMPLETING")

    def _configure(self) -> None:
        ports = _free_ports(1 + len(NODES))
        host = socket.gethostname()
        nodes = [
            NODE.format(name=name, host=host, port=port, cpus=CPUS, memory=MEMORY_MB)
            for name, port in zip(NODES, ports[1:], strict=True)
        ]
        text = SLURM_CONF.format(folder=self.folder, host=host, port=ports[0], nodes="\n".join(nodes))
        (self.folder / "slurm.conf").write_text(text)
        gres = [f"NodeName={name} Name=gpu File={device}\n" for name, device in NODES.items()]
        (self.folder / "gres.conf").write_text("".join(gres))
        (self.folder / "state").mkdir(exist_ok=True)
        self._wrap_srun()

    def _wrap_srun(self) -> None:
        """The plugin's job step strips SLURM_CONF before it calls srun; a program of that name puts it back."""
        wrapper = self.folder / "bin" / "srun"
        wrapper.parent.mkdir(exist_ok=True)
        srun = shutil.which("srun", path=_search_path())
        wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {srun} "$@"\n')
        wrapper.chmod(0o755)

    # -- daemons

    def _start_munge(self) -> None:
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        options = {"key-file": key} | {f"{n}-file": self.folder / f"munge.{n}" for n in ("pid", "log", "seed")}
        options = [f"--{name}={value}" for name, value in options.items()]
        socket_path = self.folder / "munge.socket"
        self._launch("munge", "munged", "--foreground", "--force", f"--socket={socket_path}", *options)
        wait_until(socket_path.exists, "munge's socket")

    def start_controller(self) -> None:
        """Start the controller (again); jobs and nodes are recovered from its saved state."""
        self._launch("slurmctld", "slurmctld", "-D")
        wait_until(lambda: self._succeeds("scontrol", "ping"), "the controller")

    def stop_controller(self) -> None:
        """End the controller as an administrator would."""
        self._end("slurmctld")

    def start_node(self, node: str) -> None:
        """Start the compute daemon of a node (again); returns when the node takes jobs."""
        self._launch(node, "slurmd", "-D", "-N", node)
        wait_until(lambda: self.node_state(node) in {"idle", "mixed", "allocated"}, f"node {node}", 60)

    def kill_daemon(self, node: str) -> None:
        """Kill the compute daemon of a node; its jobs' processes live on."""
        daemon = self._daemons.pop(node)
        daemon.kill()
        daemon.wait()

    def crash_node(self, node: str) -> None:
        """Kill the compute daemon of a node and all of its jobs' processes, as a power failure would."""
        self.kill_daemon(node)
        jobs = {job for job, details in self.jobs("RUNNING,COMPLETING").items() if details["node"] == node}
        while self._kill_steps(jobs):
            time.sleep(0.05)  # in which they may have started others

    def _launch(self, name: str, *command: str) -> None:
        with open(self.folder / f"{name}.output", "ab") as output:
            self._daemons[name] = subprocess.Popen(
                command,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def _end(self, name: str) -> None:
        daemon = self._daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _kill_steps(self, jobs: Collection[str]) -> int:
        """Kill all processes of some jobs: SLURM's own (`slurmstepd: [7.batch]`) and those that they started.

        Returns how many there were.
        """
        found = [pid for pid in _processes() if self._job_of(pid) in jobs]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    def _job_of(self, pid: int) -> str | None:
        """The job of this cluster that a process belongs to."""
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            variables = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return None
        if f"SLURM_CONF={self.folder}/slurm.conf" not in variables:
            return None
        step = re.match(r"slurmstepd: \[(\d+)\.", title)
        job = next((v.removeprefix("SLURM_JOB_ID=") for v in variables if v.startswith("SLURM_JOB_ID=")), None)
        return step[1] if step else job

    # -- clients

    def command(self, *command: str) -> str:
        """What a client program prints."""
        return subprocess.run(command, env=self.environment, check=True, text=True, capture_output=True).stdout

    def _succeeds(self, *command: str) -> bool:
        return subprocess.run(command, env=self.environment, capture_output=True).returncode == 0

    def node_state(self, node: str) -> str:
        """The state of a node as sinfo names it."""
        return self.command("sinfo", "--noheader", f"--nodes={node}", "--format=%T").strip().rstrip("*~#%$@^-+")

    def jobs(self, states: str = "all") -> dict[str, dict[str, str]]:
        """Jobs known to the controller: by id their rule (with wildcards), state, node and details."""
        listed = self.command("squeue", "--noheader", f"--states={states}", "--format=%A|%k|%T|%N|%b|%m|%l|%Z")
        fields = ("comment", "state", "node", "gres", "memory", "limit", "folder")
        rows = (line.split("|") for line in listed.splitlines())
        return {job_id: dict(zip(fields, values, strict=True)) for job_id, *values in rows}

    def is_settled(self) -> bool:
        """Whether every job runs and has launched its step.

        A step that begins or ends just while the controller is away is lost to it, and its job then waits for
        resources that it has itself, until its time is up.
        """
        steps = self.command("squeue", "--noheader", "--steps", "--format=%i").split()
        launched = {step.split(".")[0] for step in steps if step.split(".")[1].isdigit()}
        active = self.jobs("PENDING,CONFIGURING,RUNNING,COMPLETING")
        return bool(active) and set(active) <= launched


def wait_until(
    condition: Callable[[], bool], what: str, seconds: float = 30, progress: Callable[[], object] = lambda: None
) -> None:
    """Return as soon as the condition holds; fail, naming what was waited for, once there was no progress for so long.

    `progress` tells where things are; a machine that others keep busy is slow, and not at its end, as long as that
    changes.
    """
    seen, since = progress(), time.monotonic()
    while not condition():
        if (now := progress()) != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > seconds:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.2)


def end_with_parent() -> None:
    """To be called in a new process: it is terminated when its parent ends, however that happens."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def _processes() -> Iterable[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
