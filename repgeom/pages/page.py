"""What all pages share: one HTML file with everything in it, readable without a server or network."""

import base64
import html
import io
import json
from pathlib import Path

import matplotlib.image
import numpy as np

from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } figure { margin: 0; } img { image-rendering: pixelated; background: #000; }
label, select, input, output { font: inherit; } output { font-variant-numeric: tabular-nums; }
input[type=range] { width: 100%; accent-color: #0072B2; }
:focus-visible { outline: 2px solid #D55E00; outline-offset: 2px; }
"""


def page(title: str, body: str, data: object, script: str) -> str:
    """A complete page; `data` is at hand in the script as the constant `DATA`."""
    embedded = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style></head>\n'
        f"<body>\n<h1>{html.escape(title)}</h1>\n{body}\n<script>\nconst DATA = {embedded};\n{script}</script>\n"
        "</body></html>\n"
    )


def save_page(path: str | Path, text: str, provenance: Provenance = NOTEBOOK) -> None:
    """Write a page, with its provenance in a `meta` element."""
    meta = f'<meta name="provenance" content="{html.escape(provenance.at(path).to_json(), quote=True)}">'
    with atomic_path(path) as partial:
        partial.write_text(text.replace("</head>", f"{meta}</head>", 1), encoding="utf-8")


def data_uri(image: np.ndarray) -> str:
    """An image in [0, 1], grey (h, w) or colour (h, w, 3), as a PNG that can stand in an `img` element's `src`."""
    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, image, cmap="gray", vmin=0, vmax=1, format="png", metadata={"Software": "repgeom"})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
