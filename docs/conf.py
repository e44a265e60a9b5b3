"""The documentation site: the pages of this folder, the README beside it, and what is run while the site is built."""

import os
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS)]
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

project = "repgeom"
author = "the repgeom authors"
copyright = "the repgeom authors, MIT licence"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "site_pages",  # after those whose events it listens to
]
exclude_patterns = ["_build", "examples", "made/examples/*.ipynb", "made/examples/*.py"]
templates_path = ["templates"]
nitpicky = True
nitpick_ignore_regex = [
    # Other projects: their inventories could only be looked up on the network.
    (
        "py:.*",
        r"(np|numpy|pd|pandas|torch|nn|zarr|h5py|matplotlib|plt|pydantic|PIL|Image|collections|pathlib|sklearn|types)\..*",
    ),
    (
        "py:.*",
        r"(Path|Callable|Iterable|Iterator|Sequence|Mapping|Hashable|Any|Literal|ClassVar|Tensor|Axes|Figure)(\[.*)?",
    ),
    ("py:class", r"dict\[str"),  # a quoted annotation, taken apart
]
suppress_warnings = ["config.cache"]

html_theme = "pydata_sphinx_theme"
html_title = "repgeom"
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "tutorial": []}

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 1800
nb_execution_raise_on_error = True

autosummary_generate = True
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "made/examples",
    "filename_pattern": "/plot_",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "abort_on_example_error": True,
    "copyfile_regex": "",
}
