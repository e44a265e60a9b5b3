"""How a run ends that is stopped before it has begun."""

import sys
from types import TracebackType


def stop_in_one_line() -> None:
    """Let Ctrl-C end this process with one line where nothing else catches it, instead of a traceback."""

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            print("Stopped; the same command goes on from here.", file=sys.stderr)
        else:
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = told
