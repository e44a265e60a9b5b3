"""What a user asks for on the command line: checked before Snakemake looks for rules."""

from collections.abc import Iterable

from repgeom.errors import InputError, nearest


def check_targets(targets: Iterable[str], rules: Iterable[str], files: Iterable[str]) -> None:
    """Refuse targets that are neither rules nor files, while the nearest known name can be told.

    Parameters
    ----------
    targets : names and files
        As on the command line.
    rules : names
        Of all rules, studies included.
    files : paths
        Figures, tables and pages of all studies. Other files are Snakemake's to judge.

    Raises
    ------
    InputError
        A name that no rule has; a figure, table or page that no analysis makes.
    """
    rules, files = list(rules), list(files)
    for target in targets:
        if "/" not in target and "." not in target and target not in rules:
            raise InputError(f"no study or rule {target!r}; {nearest(target, rules)}")
        if target.startswith(("results/figures/", "results/pages/")) and target not in files:
            raise InputError(f"no analysis makes {target}; {nearest(target, files)}")


def check_study_names(studies: Iterable[str], rules: Iterable[str]) -> None:
    """Refuse studies that are named like a rule of the workflow.

    Raises
    ------
    InputError
        Names the study.
    """
    for study in set(studies) & set(rules):
        raise InputError(f"configuration: studies.{study}: the workflow has a rule of this name; choose another")
