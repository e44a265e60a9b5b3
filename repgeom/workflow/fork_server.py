"""The process that is copied for each script: `python -m repgeom.workflow.fork_server DESCRIPTOR`.

It imports, starts no threads, and says when it is ready. It reads requests from a socket, each with a socket on which
the copy says that it begins and, before it ends, its exit status and what it has used. It ends with the one who asks;
copies at work go on.
"""

import atexit
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from repgeom.workflow.stopped import end_at_once

IMPORTED = (
    "fontTools.subset", "h5py", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf", "numba", "numpy",
    "pandas", "PIL.Image", "PIL.PngImagePlugin", "pydantic", "safetensors.torch", "scipy.linalg", "scipy.optimize",
    "scipy.spatial.distance", "scipy.stats", "sklearn.manifold", "sklearn.svm", "snakemake.iocontainers",
    "snakemake.logging", "tomllib", "torch", "torch._dynamo", "zarr",
)  # fmt: skip
"""What scripts spend their first seconds with, or optimisers their first step; none of it is the project's own."""
LONGEST_REQUEST = 1 << 20
BLOCK = 512
"""Bytes of what the kernel counts as a block."""


def serve(requests: socket.socket) -> NoReturn:
    """Make a copy for each request, until there is nobody any more who asks; Ctrl-C is held back until then."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies, which say themselves how they end
    for name in IMPORTED:
        importlib.import_module(name)
    sys.modules["numba"].njit("void()")(_nothing)  # which makes numba ready to load what it has compiled before
    gc.collect()
    gc.freeze()  # no copy shall look at what it shares: each page of memory that it touches is copied
    with suppress(OSError):  # that nobody is there any more is seen below
        requests.send(b"r")
    while True:
        request, descriptors = _next(requests)
        if not request:
            os._exit(0)
        if os.fork() == 0:
            requests.close()
            _run(descriptors[0], **json.loads(request))
        os.close(descriptors[0])


def _nothing() -> None:
    """What takes no time to compile."""


def _next(requests: socket.socket) -> tuple[bytes, list[int]]:
    """The next request and its descriptors; an empty one where nobody is there any more."""
    try:
        return socket.recv_fds(requests, LONGEST_REQUEST, 1)[:2]
    except OSError:
        return b"", []


def _run(answers: int, script: str, environment: dict[str, str]) -> NoReturn:
    """Be the script; `answers` is closed by nothing but the end of the process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    end_at_once()
    os.environ.clear()
    os.environ.update(environment)
    os.write(answers, b"\n")
    status = _status_of(script)
    _leave()
    os.write(answers, json.dumps([status, *_used()]).encode())
    os._exit(status)


def _used() -> tuple[float, float, float, float]:
    """Processor time in seconds; MB of memory at most, read from and written to disks."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    blocks = used.ru_inblock, used.ru_oublock
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, *(count * BLOCK / 2**20 for count in blocks)


def _leave() -> None:
    """What an interpreter does at its end, but for taking itself apart, which would copy all its memory first."""
    threading._shutdown()
    atexit._run_exitfuncs()
    vars(sys.modules["__main__"]).clear()  # closes files that were left open
    sys.stdout.flush()
    sys.stderr.flush()


def _status_of(script: str) -> int:
    """Run a file as Python runs its main script."""
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__file__, sys.argv[:] = script, [script]
    try:
        exec(compile(Path(script).read_bytes(), script, "exec"), vars(main))
    except SystemExit as end:
        return _exit_status(end.code)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def _exit_status(code: object) -> int:
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
