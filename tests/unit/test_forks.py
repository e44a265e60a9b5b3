"""Scripts that begin as copies of a process: what they are told, what they say, how they end."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from snakemake.benchmark import BenchmarkRecord

from repgeom.workflow.forks import Ended, Forks, ServerEndedError, _execute, _note

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="scripts are copies of a process on Linux only")


@pytest.fixture(scope="module")
def forks(hears_ctrl_c):
    """One process that all tests copy."""
    found = Forks()
    found.run(os.devnull)
    assert found.ready()
    yield found
    found.close()


@pytest.fixture
def run(forks, tmp_path):
    """Runs the text of a script in a copy."""

    def run(text, **environment):
        (script := tmp_path / "script.py").write_text(text)
        return forks.run(str(script), **environment).status

    return run


def test_a_script_runs_as_a_main_script_in_the_folder_with_the_environment_and_libraries_at_hand(run, tmp_path):
    told = tmp_path / "told"
    text = (
        "import os, sys\n"
        "facts = [__name__, sys.argv[0], os.getcwd(), os.environ['ASKED'], os.environ['OMP_NUM_THREADS']]\n"
        f"open({str(told)!r}, 'w').write(repr([*facts, 'torch' in sys.modules, 'repgeom' in sys.modules]))\n"
    )
    assert run(text, ASKED="by the run") == 0
    script = str(tmp_path / "script.py")
    assert eval(told.read_text()) == ["__main__", script, os.getcwd(), "by the run", "1", True, True]


def test_numbers_are_those_of_a_new_interpreter(run, tmp_path):
    text = (
        "import sys, numpy as np, torch\n"
        "torch.set_num_threads(1)\n"
        "values = np.random.default_rng(0).normal(size=(300, 200))\n"
        "found = torch.from_numpy(values) @ torch.from_numpy(values).T\n"
        "found = np.linalg.eigh(found.numpy() + values @ values.T)[0]\n"
        "found = np.append(found, torch.nn.functional.conv2d(torch.ones(1, 1, 9, 9), torch.ones(2, 1, 3, 3)).numpy())\n"
        "found.tofile({!r})\n"
    )
    here, there = tmp_path / "here", tmp_path / "there"
    assert run(text.format(str(here))) == 0
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", text.format(str(there))], check=True, env=environment)
    assert here.read_bytes() == there.read_bytes()


@pytest.mark.parametrize(
    "text, status",
    [
        ("raise SystemExit(3)", 3),
        ("raise SystemExit", 0),
        ("raise SystemExit('a reason')", 1),
        ("raise ValueError", 1),
        ("import", 1),
        ("import os; os._exit(0)", -signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", -signal.SIGKILL),
    ],
)
def test_the_exit_status_is_told(run, text, status):
    assert run(text) == status


def test_what_a_script_raises_goes_to_its_own_hook_and_what_it_registers_for_its_end_is_done(run, tmp_path):
    told = tmp_path / "told"
    text = (
        "import atexit, sys\n"
        f"note = open({str(told)!r}, 'a', buffering=1)\n"
        "atexit.register(lambda: note.write('ended\\n'))\n"
        "sys.excepthook = lambda kind, error, trace: note.write(f'{kind.__name__} {error}\\n')\n"
        "raise ValueError('seen')\n"
    )
    assert run(text) == 1
    assert told.read_text() == "ValueError seen\nended\n"


def test_files_left_open_are_written_and_threads_waited_for(run, tmp_path):
    text = (
        "import threading, time\n"
        f"left = open({str(tmp_path / 'left')!r}, 'w')\n"
        "left.write('open')\n"
        "def late():\n"
        "    time.sleep(0.2)\n"
        f"    open({str(tmp_path / 'late')!r}, 'w').write('late')\n"
        "threading.Thread(target=late).start()\n"
    )
    assert run(text) == 0
    assert [(tmp_path / name).read_text() for name in ("left", "late")] == ["open", "late"]


def test_copies_know_nothing_of_each_other(run):
    assert run("import sys; sys.modules['numpy'].left = 1") == 0
    assert run("import numpy; assert not hasattr(numpy, 'left')") == 0


def test_benchmarks_hold_what_a_copy_has_used(forks, tmp_path):
    """More than 64 MB, half a second, half of it at work."""
    (script := tmp_path / "script.py").write_text(
        "import os, time\nheld = bytearray(64 * 2**20)\nwhile time.process_time() < 0.25:\n    pass\ntime.sleep(0.25)\n"
    )
    record = BenchmarkRecord()
    _execute(forks, None)(_script(bench_record=record), str(script))
    assert 0.4 < record.running_time < 30 and 0.2 < record.cpu_time < record.running_time
    assert record.max_rss > 64 and record.io_out >= 0
    assert record.mean_load() == pytest.approx(100 * record.cpu_time / record.running_time)
    assert "NA" not in record.to_tsv(False)


def test_of_a_copy_that_was_killed_snakemake_knows_the_time_alone():
    record = BenchmarkRecord()
    _note(record, Ended(-signal.SIGKILL, 1.5, None))
    assert record.to_tsv(False).split("\t")[:3] == ["1.50", "0:00:01", "NA"]


def _script(**changes):
    plain = {"threads": 1, "bench_record": None, "resources": {}}
    return SimpleNamespace(**plain | dict.fromkeys(("container_img", "conda_env", "env_modules")) | changes)


@pytest.mark.parametrize(
    "changes", [{"threads": 2}, {"conda_env": "env"}, {"container_img": "image"}, {"env_modules": ["python"]}]
)
def test_what_asks_for_more_starts_as_ever(forks, changes):
    called = []
    _execute(forks, lambda *arguments: called.append(arguments))(script := _script(**changes), "script.py")
    assert called == [(script, "script.py", False)]


def test_a_failing_script_fails_its_job(forks, tmp_path):
    (tmp_path / "script.py").write_text("raise SystemExit(2)")
    with pytest.raises(subprocess.CalledProcessError, match="exit status 2"):
        _execute(forks, None)(_script(), str(tmp_path / "script.py"))


def test_scripts_start_as_ever_before_the_process_is_ready():
    forks, called = Forks(), []
    _execute(forks, lambda *arguments: called.append(arguments))(script := _script(), "script.py")
    assert called == [(script, "script.py", False)]
    forks.close()


def test_scripts_start_as_ever_once_the_process_has_ended():
    forks, called = Forks(), []
    forks._server.kill()
    forks._server.wait()
    with pytest.raises(ServerEndedError):
        forks.run("script.py")
    _execute(forks, lambda *arguments: called.append(arguments))(script := _script(), "script.py")
    assert called == [(script, "script.py", False)]
    forks.close()
