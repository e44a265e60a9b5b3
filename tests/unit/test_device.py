"""How many threads a job's torch really uses."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, sys, types
import numba, torch
from repgeom.workflow.device import use_threads
from repgeom.workflow.job import Job

use_threads(Job(types.SimpleNamespace(threads=int(sys.argv[1]))))
torch.nn.Conv2d(32, 64, 3)(torch.rand(64, 32, 26, 26)).sum().backward()
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.cpu_count() < 2, reason="needs Linux, and a second core to stay away from"
)
def test_a_job_of_one_thread_starts_no_other_though_its_script_has_imported_numba():
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "1"], capture_output=True, text=True, check=True, env=environment
    )
    assert int(done.stdout) == 1
