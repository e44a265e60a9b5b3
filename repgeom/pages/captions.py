"""Captions of figures as HTML: the texts of `report/`, filled in from what a figure says made it."""

from types import SimpleNamespace

import jinja2
from docutils.core import publish_parts
from markupsafe import Markup

from repgeom.store.projected import in_words, projection_of
from repgeom.store.provenance import Provenance

MADE_BY = "Made by rule"
"""Begins the last paragraph of a caption, which is about provenance."""
SETTINGS = {
    "raw_enabled": False,
    "file_insertion_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "output_encoding": "unicode",
}


def caption_html(text: str, provenance: Provenance) -> Markup:
    """A caption (reStructuredText with placeholders, as in Snakemake's report) as paragraphs of HTML.

    Parameters
    ----------
    text : str
    provenance : Provenance
        Of the figure: gives the values of `snakemake.params`, `snakemake.rule` and `snakemake.wildcards`.
    """
    params = SimpleNamespace(**{"code": provenance.fingerprint, "versions": provenance.versions, **provenance.config})
    snakemake = SimpleNamespace(rule=provenance.rule, params=params, wildcards=SimpleNamespace(**provenance.wildcards))
    filled = jinja2.Template(text.partition(MADE_BY)[0]).render(snakemake=snakemake)
    if told := in_words(projection_of(provenance)):
        filled += f"\n\nNot exact: {told}.\n"
    return Markup(publish_parts(filled, writer="html5", settings_overrides=SETTINGS)["body"])
