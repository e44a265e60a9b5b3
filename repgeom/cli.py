"""The command `repgeom`: begin a project, check a configuration, look inside artifacts."""

import argparse
import contextlib
import datetime
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from repgeom.errors import InputError, printable
from repgeom.store.provenance import Provenance, place_of
from repgeom.workflow.runs import Run, run_that_made

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
        sys.stdout.flush()
    except InputError as error:
        print(f"Error: {_shown(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever reads has read enough: `repgeom show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="repgeom", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    new = commands.add_parser("new", help="begin a project: a folder with a configuration that runs as it stands")
    new.add_argument("folder", type=Path, help="a folder that does not exist, or is empty")
    new.set_defaults(run=_new)
    show = commands.add_parser("show", help="what an artifact holds, what made it, whether it is stale")
    show.add_argument("artifact", type=Path, help="a file under results/")
    show.add_argument("--no-stale", action="store_true", help="do not ask snakemake whether it is stale")
    show.set_defaults(run=_show)
    check = commands.add_parser(
        "check", help="check a configuration, try its networks out on two images, read its measured data"
    )
    check.add_argument("files", type=Path, nargs="*", help="YAML files laid over config.yaml, in this order")
    check.add_argument("--directory", type=Path, default=Path(), help="the folder of a project of its own")
    check.add_argument("--only-configuration", action="store_true", help="do not try the networks, nor read data")
    check.add_argument(
        "--set-resources", nargs="+", default=[], metavar="RULE:RESOURCE=VALUE", help="memory of jobs, as for snakemake"
    )
    check.add_argument("--workflow-profile", help="a profile whose set-resources count, such as profiles/slurm")
    check.set_defaults(run=_check)
    schema = commands.add_parser("schema", help="print the JSON Schema of the configuration, for editors")
    schema.set_defaults(run=lambda _: print(configuration_schema()))
    return parser


def configuration_schema() -> str:
    """The JSON Schema of the configuration, and of files laid over it."""
    from repgeom.config.configuration import Configuration
    from repgeom.config.schema import overlay_schema

    return json.dumps(overlay_schema(Configuration), indent=1, sort_keys=True)


def merged_configuration(files: list[Path]) -> dict:
    """What snakemake sees in this folder: its own config.yaml, or else the default one, with files laid over it."""
    from repgeom.config.files import merged

    own = Path("config.yaml")
    return merged([own if own.is_file() else ROOT / own, *files])


def _new(parsed: argparse.Namespace) -> None:
    from repgeom.new_project import new_project

    files = new_project(parsed.folder, ROOT)
    print(f"{parsed.folder}: {', '.join(str(file) for file in files)}")
    print(f"snakemake --snakefile {shlex.quote(str(ROOT / 'Snakefile'))} --directory {shlex.quote(str(parsed.folder))}")


def _check(parsed: argparse.Namespace) -> None:
    from repgeom.config.configuration import load_configuration
    from repgeom.workflow.resources import coordinates_mb
    from repgeom.workflow.targets import check_study_names, rule_names

    memory_mb = coordinates_mb(parsed.set_resources, parsed.workflow_profile)
    if not parsed.directory.is_dir():
        raise InputError(f"{parsed.directory}: no such folder")
    files = [file.absolute() for file in parsed.files]
    with contextlib.chdir(parsed.directory):
        c = load_configuration(merged_configuration(files))
        check_study_names(c.study_names(), rule_names(ROOT))
        if not parsed.only_configuration:
            _try(c, memory_mb)
    counts = {"dataset": len(c.datasets), "model": len(c.models), "stimulus set": len(c.stimuli)}
    nouns = ", ".join(f"{n} {noun}{'s' * (n != 1)}" for noun, n in counts.items())
    print(f"good: {nouns}; studies {', '.join(c.study_names()) or 'none'}")


def _try(c: "Configuration", memory_mb: int) -> None:
    from repgeom.config.messages import as_list
    from repgeom.trial.check import check_networks
    from repgeom.workflow.chosen import check_stimuli
    from repgeom.workflow.measured import check_data
    from repgeom.workflow.plan import Plan

    c, of_stimuli = check_stimuli(c)
    of_networks, of_data = check_networks(plan := Plan(c), memory_mb), check_data(plan)
    lines, faults = of_networks[0] + of_data[0], [*of_networks[1], *of_stimuli, *of_data[1]]
    if lines:
        print("\n".join(lines))
    if faults:
        raise InputError(as_list(faults))


def _show(parsed: argparse.Namespace) -> None:
    asked = None if parsed.no_stale else _ask_snakemake(parsed.artifact)  # it thinks while we read
    from repgeom.store.inspection import inspect

    lines, provenance = inspect(parsed.artifact)
    made = datetime.datetime.fromtimestamp(parsed.artifact.stat().st_mtime).isoformat(sep=" ", timespec="seconds")
    print(_shown("\n".join([str(parsed.artifact), *(f"  {printable(line)}" for line in lines)])))
    print(_shown(_described(provenance, made)))
    if provenance.artifact not in ("", place_of(parsed.artifact.absolute())):
        print(f"misplaced  belongs at {printable(provenance.artifact)}; files were exchanged or renamed")
    if asked:
        print("stale      " + printable(asked()))


def _shown(text: object) -> str:
    """Lines that a file of somebody else's may have a part in."""
    return "\n".join(map(printable, str(text).split("\n")))


def _described(provenance: Provenance, made: str) -> str:
    rows = {
        "made by": f"rule {provenance.rule}" + "".join(f", {k} {v}" for k, v in provenance.wildcards.items()),
        "when": made,
        "code": f"{provenance.fingerprint}, repgeom {provenance.repgeom}",
        "config": json.dumps(provenance.config, sort_keys=True),
        "versions": ", ".join(f"{k} {v}" for k, v in provenance.versions.items()),
        "device": f"{provenance.device}, {provenance.threads} thread{'s' * (provenance.threads > 1)}",
    }
    text = [f"{name:<10} {value}" for name, value in rows.items()]
    text += [f"{'from' if i == 0 else '':<10} {path} (sha256 {digest[:16]}…)"
             for i, (path, digest) in enumerate(provenance.inputs.items())]  # fmt: skip
    return "\n".join(text)


def staleness(artifact: Path) -> str:
    """Whether snakemake would make an artifact again, and why, with the configuration that it was made with."""
    return _ask_snakemake(artifact)()


def _ask_snakemake(artifact: Path) -> Callable[[], str]:
    """Begin to ask, in the folder that holds `results`; returns what waits for the answer."""
    parts = artifact.absolute().parts
    if "results" not in parts:
        return lambda: "unknown: the file is not under a folder named results"
    index = len(parts) - 1 - parts[::-1].index("results")
    folder, target = Path(*parts[:index]), Path(*parts[index:]).as_posix()
    run = run_that_made(artifact, folder) if artifact.is_file() else None
    gone = [file for file in (run.files if run else []) if not Path(file).is_file()]
    if gone:
        return lambda: f"unknown: it was made with {gone[0]}, which is no longer there"
    from repgeom.config.files import refuse_repeated_keys

    try:
        refuse_repeated_keys(run.files if run else [])  # before Snakemake reads them, which runs expressions in them
    except InputError as error:
        told = f"unknown: {error}"
        return lambda: told
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    command += ["--dry-run", "--nolock", *_as_options(run)]
    asked = subprocess.Popen([*command, "--", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with_files = f" (asked with {', '.join(run.files)})" if run and run.files else ""
    return lambda: _answer(asked) + with_files


def _as_options(run: Run | None) -> list[str]:
    """How snakemake is given the configuration of a run again."""
    if run is None:
        return []
    keys = [f"{key}={json.dumps(value)}" for key, value in run.config.items()]
    return (["--configfile", *run.files] if run.files else []) + (["--config", *keys] if keys else [])


def _answer(asked: subprocess.Popen) -> str:
    out, err = asked.communicate()
    if asked.returncode:
        return "unknown: snakemake says " + ((out + err).strip().splitlines() or ["nothing"])[-1]
    reasons = [line.strip() for line in out.splitlines() if line.strip().startswith("reason:")]
    return f"yes; {reasons[-1]}" if reasons else "no"


if __name__ == "__main__":
    sys.exit(main())
