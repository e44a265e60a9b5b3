"""Where jobs import the package from, beside the scripts that they run, and where they draw to."""

import os
from pathlib import Path

from repgeom.errors import InputError


def project_folder(rules: str) -> Path:
    """The folder of the project, from where its rules lie.

    Raises
    ------
    InputError
        The rules lie at an address or inside a git repository, where their scripts cannot import the package.
    """
    if not Path(rules).is_dir():
        raise InputError(
            f"{rules}: rules are used from a folder on this machine, beside the package that their scripts import; "
            "clone the project and write the path of its Snakefile after `snakefile:`"
        )
    return Path(rules).resolve().parent


def let_jobs_import_from(root: Path) -> None:
    """Let all jobs of this process import the package in `root`, whichever is installed.

    `REPGEOM_ROOT` tells it to `envs/repgeom.post-deploy.sh`: Snakemake hides `PYTHONPATH` from conda environments.
    """
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in ("", str(root))]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(root), *others])
    os.environ["REPGEOM_ROOT"] = str(root)


def let_jobs_draw_to_files() -> None:
    """Let no job ask for a window, or for the notebook that snakemake was called from and the job cannot reach."""
    os.environ["MPLBACKEND"] = "agg"
