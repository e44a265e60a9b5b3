"""What a user asks for on the command line: checked before Snakemake looks for rules."""

import functools
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from snakemake_interface_common.exceptions import ApiError

from repgeom.errors import InputError, nearest
from repgeom.workflow.artifacts import rule_of_figure
from repgeom.workflow.lock import hold_folder

KIND = r'^    "(\w+)": dict\('
"""How the tables of what each kind reads name it."""
DRAWN = ("results/figures/", "results/pages/", "results/tables/")


def check_before_planning(workflow, files: Iterable[str]) -> None:
    """Let `workflow` check what it is asked for before it plans jobs.

    Snakemake knows the targets only once all rules are read, and then says of a wrong one that no rule makes it.
    Processes that it starts for single jobs are asked for what it has planned itself.

    Parameters
    ----------
    workflow : the object that rules know by this name
    files : paths
        What analyses make; rules without wildcards tell what they make themselves.
    """
    prepare = workflow._prepare_dag

    @functools.wraps(prepare)
    def checked(*arguments, **options):
        if workflow.is_main_process:
            rules = {rule.name: not rule.has_wildcards() for rule in workflow.rules}
            made = [str(file) for rule in workflow.rules if rules[rule.name] for file in rule.output]
            try:
                check_targets(workflow.dag_settings.targets, rules, [*files, *made])
                if workflow.touch:  # which asks nobody before it dates files anew
                    hold_folder()
            except InputError as error:
                raise ApiError(str(error)) from None  # shown as one line, without where it was raised
        return prepare(*arguments, **options)

    workflow._prepare_dag = checked


def before_deleting(delete: Callable) -> Callable:
    """Let `delete` hold the folder, so that nothing is deleted under a run at work.

    Raises
    ------
    ApiError
        Another run, or a job of one, is at work.
    """

    @functools.wraps(delete)
    def held(*arguments, **options):
        try:
            hold_folder()
        except InputError as error:
            raise ApiError(str(error)) from None  # shown as one line
        return delete(*arguments, **options)

    return held


def check_targets(targets: Iterable[str], rules: Mapping[str, bool], files: Iterable[str]) -> None:
    """Refuse targets that are neither rules nor files, while the nearest known name can be told.

    Parameters
    ----------
    targets : names and files
        As on the command line.
    rules : dict
        Name of each rule, studies included → whether it can be asked for by name.
    files : paths
        Figures, tables and pages of all studies. Other files are Snakemake's to judge.

    Raises
    ------
    InputError
        A name that no rule has; a figure, table or page that no analysis makes.
    """
    files, askable = list(files), [name for name, by_name in rules.items() if by_name]
    for target in targets:
        if not {"/", "."} & set(target) and target not in rules:
            raise InputError(f"no study or rule {target!r}; {nearest(target, askable)}")
        file = os.path.normpath(target)
        if file.startswith(DRAWN) and file not in files:
            raise InputError(f"no analysis makes {target}; {nearest(file, files)}")


def rule_names(root: Path) -> list[str]:
    """The rules of the workflow in `root`, as its files name them; but for those of learning dynamics."""
    files = [root / "Snakefile", *sorted((root / "rules").glob("*.smk"))]
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    written = [name for text in texts.values() for name in re.findall(r"^ *rule (\w+):", text, re.MULTILINE)]
    kinds = {name: re.findall(KIND, text, re.MULTILINE) for name, text in texts.items()}
    pages = [f"{kind}_page" for kind in kinds["pages"]]
    return [*written, *kinds["measures"], *map(rule_of_figure, kinds["figures"]), *pages]


def check_study_names(studies: Iterable[str], rules: Iterable[str]) -> None:
    """Refuse studies that are named like a rule of the workflow.

    Raises
    ------
    InputError
        Names the study.
    """
    for study in set(studies) & set(rules):
        raise InputError(f"configuration: studies.{study}: the workflow has a rule of this name; choose another")
