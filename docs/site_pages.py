"""Pages of the site that stand elsewhere in the project, or are made of its files: nothing is written twice."""

import re
import types
from collections.abc import Mapping
from pathlib import Path

import yaml

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
ELSEWHERE = {
    "index": "README.md",
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
    "results": "results/README.md",
    "citation": "CITATION.cff",
}
"""Page → the file at another place of the project that is its text."""
ALIASES = (types.GenericAlias, type(Mapping[str, int]))
"""Names for types: where they are used says more than their own entry could."""
UNSORTED = "% every other page\n"
"""Where a list of pages goes on with those that no list names."""


def setup(app) -> dict:
    """Let Sphinx call us whenever it reads a page."""
    app.connect("source-read", lambda app, page, source: source.__setitem__(0, text(page, source[0])))
    app.connect(
        "autodoc-process-docstring",
        lambda app, what, name, obj, options, lines: lines.__setitem__(slice(None), escaped(lines)),
    )
    app.connect("autodoc-skip-member", lambda app, what, name, obj, skip, options: isinstance(obj, ALIASES) or None)
    app.connect("env-before-read-docs", lambda app, env, pages: pages.extend(set(ELSEWHERE) - set(pages)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def escaped(lines: list[str]) -> list[str]:
    """Docstrings with their shapes, such as (n, *shape), kept from beginning an emphasis."""
    return [re.sub(r"(?<![\w*`])\*(?=\w+(?:[ ),.]|$))", r"\*", line) for line in lines]


def text(page: str, written: str) -> str:
    """What a page says: text from elsewhere before its own, links to pages of the site, whole lists of pages."""
    if page.startswith("made/"):
        return written
    file = ROOT / ELSEWHERE[page] if page in ELSEWHERE else DOCS / f"{page}.md"
    if file.suffix == ".cff":
        written += citation(yaml.safe_load(file.read_text(encoding="utf-8")))
    elif page in ELSEWHERE:
        written = f"{file.read_text(encoding='utf-8')}\n{written}"
    written = re.sub(r"(?<=\]\()([^)#:\s]+)", lambda link: relinked(file.parent, link[1]), written)
    return written.replace(UNSORTED, "".join(f"{name}\n" for name in unsorted_pages()))


def relinked(folder: Path, link: str) -> str:
    """A link of a file in `folder`, as seen from this folder: to a page where the site has one."""
    target = (folder / link).resolve()
    pages = {(ROOT / file).resolve(): f"{page}.md" for page, file in ELSEWHERE.items()}
    if target in pages:
        return pages[target]
    return target.relative_to(DOCS).as_posix() if target.is_relative_to(DOCS) else f"../{target.relative_to(ROOT)}"


def unsorted_pages() -> list[str]:
    """The pages that no list of pages names."""
    pages = {file.stem for file in DOCS.glob("*.md")}
    named = {
        name
        for file in DOCS.glob("*.md")
        for block in TOCTREE.findall(file.read_text("utf-8"))
        for name in block.split()
    }
    return sorted(pages - named - {"index"})


TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", flags=re.S)


def citation(cff: dict) -> str:
    """How to cite the project and the studies whose methods it reproduces."""
    own = f"{cff['authors'][0]['name']}. *{cff['title']}*, version {cff['version']}, {cff['date-released'].year}."
    others = "\n".join(f"- {reference(other)}" for other in cff["references"])
    return f"{cff['message']}\n\n> {own}\n\n## Studies\n\n{others}\n"


def reference(work: dict) -> str:
    """One entry of a list of references."""
    authors = [
        author.get("name") or f"{author['family-names']} {author['given-names'][0]}" for author in work["authors"]
    ]
    where = work.get("journal") or work.get("conference", {}).get("name") or ""
    year = f" ({work['year']})" if "year" in work else ""
    address = f"https://doi.org/{work['doi']}" if "doi" in work else work.get("url", "")
    place = ". ".join(part for part in (where, f"<{address}>" if address else "") if part)
    return f"{', '.join(authors)}{year}. {work['title']}. {place}. {work['notes']}"
