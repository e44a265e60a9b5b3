"""Scripts that Ctrl-C ends while they import say nothing about it, and are not taken for failed."""

import os
import subprocess
import time

from snakemake.script import PythonScript

from repgeom.workflow.stopped import END_AT_ONCE, held_back

A_MOMENT = 0.1
"""Seconds in which this process, too, has heard of the Ctrl-C that has ended a script."""


def let_ctrl_c_end_scripts() -> None:
    """Have all scripts that this process starts end without a word at Ctrl-C, until they have begun their own work."""
    if os.name == "posix":
        PythonScript.get_preamble = _with_first_line(PythonScript.get_preamble)
        PythonScript.execute_script = _deaf_at_first(PythonScript.execute_script)


def _with_first_line(get_preamble):
    return lambda script: f"{END_AT_ONCE}{get_preamble(script)}"


def _deaf_at_first(execute_script):
    def execute(script: PythonScript, fname: str, edit: bool = False) -> None:
        try:
            with held_back():
                execute_script(script, fname, edit)
        except subprocess.CalledProcessError:
            time.sleep(A_MOMENT)
            raise

    return execute
