"""What the page of all results shows, as params of its rule."""

from collections.abc import Sequence
from pathlib import Path

from repgeom.config.differences import ABSENT, differences
from repgeom.config.files import read
from repgeom.config.learning_dynamics import FIGURES, LEARNING_DYNAMICS, PAGES
from repgeom.workflow import artifacts
from repgeom.workflow.plan import Plan

CAPTION = "report/{kind}.rst"


def figures_shown(plan: Plan) -> list[dict]:
    """Every figure of a run, in the order of the configuration: `analysis`, `kind`, `title` and its `files` by kind."""
    shown = [
        {
            "analysis": name,
            "kind": section.kind,
            "title": section.title,
            "files": _files(name, section.page, section.tables),
        }
        for name, section in plan.analyses.items()
        if section.has_figure
    ]
    return shown + (_of_learning_dynamics() if plan.c.studies.learning_dynamics else [])


def captions(root: str | Path, figures: list[dict]) -> dict[str, str]:
    """Kind of figure → text of its caption."""
    kinds = sorted({figure["kind"] for figure in figures})
    return {kind: (Path(root) / CAPTION.format(kind=kind)).read_text(encoding="utf-8") for kind in kinds}


def configuration_shown(root: str | Path, raw: dict) -> dict:
    """A configuration, whether it stands on its own, and else how it differs from the default one."""
    own, default = Path("config.yaml"), Path(root) / "config.yaml"
    stands_alone = own.is_file() and not own.samefile(default)
    found = [] if stands_alone else differences(read(default), raw)
    rows = [{"key": d.key, "default": _value(d.before), "here": _value(d.after)} for d in found]
    return {"own": stands_alone, "differences": rows, "configuration": raw}


def _value(value: object) -> object:
    return "—" if value is ABSENT or value is None else value


def _of_learning_dynamics() -> list[dict]:
    return [
        {
            "analysis": f"{LEARNING_DYNAMICS}/{name}",
            "kind": f"{LEARNING_DYNAMICS}/{name}",
            "title": None,
            "files": _files(f"{LEARNING_DYNAMICS}/{name}", name in PAGES),
        }
        for name in FIGURES
    ]


def _files(analysis: str, page: bool, tables: Sequence[str] = ()) -> dict[str, str]:
    templates = {"png": artifacts.FIGURE_PNG, "pdf": artifacts.FIGURE_PDF, "table": artifacts.TABLE}
    templates |= {"page": artifacts.PAGE} if page else {}
    templates |= {table: artifacts.TABLES[table] for table in tables}
    return {kind: template.format(analysis=analysis) for kind, template in templates.items()}
