"""What all pages share: one HTML file with everything in it, readable without a server or network.

A page is a module here and, beside it, a template of the same name with its style and script. Templates escape whatever
is put into them; a page's Content-Security-Policy forbids it to load anything.
"""

import base64
import html
import io
import json
from functools import cache
from pathlib import Path

import jinja2
import matplotlib.image
import numpy as np
from markupsafe import Markup
from PIL import Image

from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance

FOLDER = Path(__file__).parent
SHEET_COLUMNS = 25
SHEET_QUALITY = 85
LARGEST_TILE = 48
"""Pixels along the longer side of an image on a sheet; larger ones are made smaller."""


def page(template: str, title: str, about: str = "", data: object = None, **values: object) -> str:
    """A complete page.

    Parameters
    ----------
    template : str
        File name, of a template that extends `page.html`.
    title, about : str
        Heading, and the line below it that says of what the page is.
    data : JSON-able
        At hand in the page's script as the constant `DATA`.
    **values
        What else the template names.
    """
    embedded = None if data is None else Markup(_json(data))
    return _templates().get_template(template).render(title=title, about=about, data=embedded, **values)


def save_page(path: str | Path, text: str, provenance: Provenance = NOTEBOOK) -> None:
    """Write a page, with its provenance in a `meta` element."""
    meta = f'<meta name="provenance" content="{html.escape(provenance.at(path).to_json(), quote=True)}">'
    with atomic_path(path) as partial:
        partial.write_text(text.replace("</head>", f"{meta}\n</head>", 1), encoding="utf-8")


def data_uri(image: np.ndarray) -> str:
    """An image in [0, 1], grey (h, w) or colour (h, w, 3), as a PNG that can stand in an `img` element's `src`."""
    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, image, cmap="gray", vmin=0, vmax=1, format="png", metadata={"Software": "repgeom"})
    return uri("image/png", buffer.getvalue())


def image_sheet(images: np.ndarray) -> dict:
    """Many images in one, for the pages' script `tile`.

    Parameters
    ----------
    images : (n, h, w) or (n, h, w, 3) in [0, 1]

    Returns
    -------
    dict
        `source` (a WebP image), and `columns`, `rows`, `width`, `height` of a tile in pixels.
    """
    tiles = [_tile(image) for image in images]
    width, height = tiles[0].size
    columns = min(SHEET_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height))
    for i, tile in enumerate(tiles):
        sheet.paste(tile, (i % columns * width, i // columns * height))
    return {"source": webp_uri(sheet), "columns": columns, "rows": rows, "width": width, "height": height}


def webp_uri(image: Image.Image) -> str:
    """A picture, compressed with some loss."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=SHEET_QUALITY, method=4)
    return uri("image/webp", buffer.getvalue())


def uri(kind: str, content: bytes) -> str:
    """Content of a MIME type, as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def spaced(name: str) -> str:
    """A name in words: `embedding_layers` is `embedding layers`."""
    return name.replace("_", " ")


def _tile(image: np.ndarray) -> Image.Image:
    tile = Image.fromarray(np.round(255 * np.clip(image, 0, 1)).astype(np.uint8)).convert("RGB")
    tile.thumbnail((LARGEST_TILE, LARGEST_TILE))
    return tile


def _json(data: object) -> str:
    """JSON that can stand between the tags of a `script` element."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(FOLDER)
    templates = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals["part"] = lambda name: Markup((FOLDER / name).read_text(encoding="utf-8").rstrip())
    templates.filters["spaced"] = spaced
    return templates
