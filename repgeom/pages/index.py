"""The page that shows all results of a run: figures with captions, published numbers, what was run and with what."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from markupsafe import Markup
from PIL import Image

from repgeom.pages.captions import caption_html
from repgeom.pages.page import page, spaced, webp_uri
from repgeom.store.provenance import Provenance, provenance_in

THUMBNAIL = 720
"""Pixels along the longer side."""
DIGITS = 4


@dataclass(frozen=True)
class Link:
    """A file that belongs to a figure, by its address relative to the page."""

    href: str
    text: str
    size: str = ""
    page: bool = False


@dataclass(frozen=True)
class Card:
    """One figure with its caption and its files."""

    name: str
    title: str
    figure: str
    thumbnail: str
    width: int
    height: int
    caption: Markup
    links: Sequence[Link]
    made: str


def figure_card(folder: Path, name: str, title: str | None, files: Mapping[str, str], caption: str) -> Card:
    """The card of a figure.

    Parameters
    ----------
    folder : path
        Where the page lies.
    name : str
        Of the analysis.
    title : str, optional
        Its name in words where there is none.
    files : dict
        `png`, and any of `page, pdf, table, means, numbers`: paths relative to `folder`.
    caption : str
        As `caption_html` takes it.
    """
    with Image.open(folder / files["png"], formats=["PNG"]) as image:
        provenance = provenance_in(folder / files["png"], image.info["Description"])
        picture = image.convert("RGB")
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    return Card(
        name=name,
        title=f"{spaced(name)}: {title}" if title else spaced(name),
        figure=files["png"],
        thumbnail=webp_uri(picture),
        width=picture.width,
        height=picture.height,
        caption=caption_html(caption, provenance),
        links=[_link(folder, kind, files[kind]) for kind in LINKS if kind in files],
        made=f"rule {provenance.rule}, code {provenance.fingerprint}",
    )


LINKS = {
    "page": "explore",
    "pdf": "PDF",
    "png": "PNG",
    "table": "table",
    "means": "means and intervals",
    "numbers": "numbers",
}
"""What a card links to → the text of the link."""


def _study_of(table: str) -> str:
    """Whose numbers a table holds, as its folder below that of all tables says."""
    study = Path(table).parent.relative_to(Path(table).parts[0]).as_posix()
    return "all studies" if study == "." else study.replace("_", " ")


def index_page(
    studies: Mapping[str, Sequence[Card]],
    reproduction: pd.DataFrame | None,
    reproduction_files: Sequence[str],
    configuration: Mapping,
    made: Mapping[str, str],
) -> str:
    """The page as text.

    Parameters
    ----------
    studies : dict
        Study → its cards.
    reproduction : DataFrame, optional
        As `repgeom.analyses.reproduction.REPRODUCTION_COLUMNS` says; those with a published number come first.
    reproduction_files : paths
        The tables that it stands in, relative to the page.
    configuration : dict
        `own` (whether it is laid over no other one), `differences` (dicts of `key, default, here`) and `text`.
    made : dict
        Versions, machine, time and the like, by name.
    """
    figures = sum(map(len, studies.values()))
    rows = [] if reproduction is None else [_row(row) for row in reproduction.to_dict("records")]
    numbers = {
        "rows": rows,
        "referenced": [row for row in rows if row["reference"]],
        "others": [row for row in rows if not row["reference"]],
        "links": [Link(file, _study_of(file)) for file in reproduction_files],
    }
    shown = [{"name": name, "cards": cards} for name, cards in studies.items() if cards]
    about = f"{figures} figures of {len(shown)} {'study' if len(shown) == 1 else 'studies'}"
    return page(
        "index.html",
        "Results",
        f"{about}, made with repgeom. A click on a figure shows it in full size.",
        studies=shown,
        reproduction=numbers,
        configuration=configuration,
        made=made,
    )


def merged_versions(provenances: Iterable[Provenance]) -> str:
    """Libraries that made artifacts, with their versions; several where some artifacts are older."""
    found: dict[str, set[str]] = {}
    for provenance in provenances:
        for library, version in provenance.versions.items():
            found.setdefault(library, set()).add(version)
    return ", ".join(f"{library} {' and '.join(sorted(versions))}" for library, versions in sorted(found.items()))


def _link(folder: Path, kind: str, file: str) -> Link:
    return Link(file, LINKS[kind], _size((folder / file).stat().st_size), page=kind == "page")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count // 1000, 1)} kB"


def _row(row: Mapping) -> dict[str, str]:
    between = "" if pd.isna(row["low"]) else f"{_number(row['low'])} to {_number(row['high'])}"
    texts = {
        name: "" if pd.isna(row[name]) else str(row[name])
        for name in ("study", "quantity", "dataset", "interval", "source")
    }
    return texts | {"ours": _number(row["ours"]), "reference": _number(row["reference"]), "between": between}


def _number(value: object) -> str:
    """Four significant digits; a published number as it stands where it is none."""
    if pd.isna(value):
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, int | float) else str(value)


def as_text(value: object) -> str:
    """A value of a configuration in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
