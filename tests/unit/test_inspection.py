"""Looking inside artifacts: what is whole is described, what is damaged is named in one sentence."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from test_store import MADE_BY, READERS, WRITERS

from repgeom.cli import main
from repgeom.errors import InputError
from repgeom.figures.style import new_figure, save_figure
from repgeom.pages.page import save_page
from repgeom.store.inspection import inspect, provenance_of
from repgeom.store.provenance import Provenance
from repgeom.store.table_metadata import metadata_path, read_table_metadata
from repgeom.store.tables import read_table, write_table

CONTENT = {
    "a.h5": "x: (500,) float64",
    "r.h5": "RDMs (correlation) of 3 stimuli at 2 nodes",
    "s.h5": "images: (3, 8, 8) float32",
    "w.safetensors": "fc.weight: (90,)",
    "t.csv": "table of 50 rows",
    "act.zarr.zip": "conv1: 3 × 8 float32",
    "coord.zarr.zip": "conv1: 3 × 4 float64",
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_an_artifact_holds_and_what_made_it(tmp_path, name):
    WRITERS[name](tmp_path / name)
    lines, provenance = inspect(tmp_path / name)
    assert CONTENT[name] in lines and provenance == MADE_BY


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_truncated_artifact_is_named_by_the_command(tmp_path, capsys, name, keep):
    path = tmp_path / name
    WRITERS[name](path)
    content = path.read_bytes()
    path.write_bytes(content[: keep if isinstance(keep, int) else int(len(content) * keep)])
    assert main(["show", "--no-stale", str(path)]) == 1
    assert f"Error: {path}: damaged (" in capsys.readouterr().err


@pytest.mark.parametrize("name", WRITERS)
def test_flipped_bits_are_an_error_or_change_nothing(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    content, expected = path.read_bytes(), inspect(path)
    for place in np.random.default_rng(2).choice(len(content), size=min(len(content), 80), replace=False):
        changed = bytearray(content)
        changed[place] ^= 1 << int(place % 8)
        path.write_bytes(changed)
        try:
            assert inspect(path) == expected
        except InputError as error:
            assert name in str(error)


def test_damaged_metadata_of_a_table_are_named(tmp_path):
    path = tmp_path / "t.csv"
    WRITERS["t.csv"](path)
    beside = metadata_path(path)
    content, expected = beside.read_bytes(), read_table(path)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        beside.write_bytes(changed)
        for read in (read_table, read_table_metadata):
            try:
                read(path)
            except InputError as error:
                assert "t.csv" in str(error) and "damaged" in str(error)
    for text in ("", "3", "[]", "{}"):
        beside.write_text(text)
        with pytest.raises(InputError, match=r"t\.csv-metadata\.json: damaged"):
            read_table(path)
    beside.write_bytes(content)
    assert read_table(path).equals(expected)


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_copy_in_a_cache_is_named_with_the_link_to_it(tmp_path, name):
    (tmp_path / "results").mkdir()
    cached = tmp_path / "cache" / f"0123_{name}"
    WRITERS[name](cached)
    for file in cached.parent.iterdir():
        (tmp_path / "results" / file.name.replace(cached.name, name)).symlink_to(file)
    cached.write_bytes(cached.read_bytes()[:-20])
    with pytest.raises(InputError, match=f"delete it and {cached}, a shared cache's copy"):
        READERS[name](tmp_path / "results" / name)


def test_planning_a_run_and_looking_at_a_table_import_nothing_that_computes(tmp_path):
    """Which would take longer than all the rest."""
    write_table(tmp_path / "t.csv", pd.DataFrame({"x": [1, 2]}))
    code = f"""
import sys
from repgeom.cli import main
from repgeom.workflow import plan, recorded, sources, shown
assert main(["show", "--no-stale", {str(tmp_path / "t.csv")!r}]) == 0
print([name for name in ("h5py", "matplotlib", "pandas", "scipy", "torch", "zarr") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "table of 2 rows" in ran.stdout and ran.stdout.splitlines()[-1] == "[]"


DRAWN = {
    "f.pdf": lambda path: save_figure(new_figure(), path, provenance=PLACED),
    "p.html": lambda path: save_page(path, "<html><head></head></html>", PLACED),
}
PLACED = Provenance(rule="test", config={"label": 'a) \\( "b" </head> ε\n'})


@pytest.mark.parametrize("name", DRAWN)
def test_figures_and_pages_say_what_made_them(tmp_path, name):
    path = tmp_path / "results" / name
    DRAWN[name](path)
    (line,), provenance = inspect(path)
    assert line.endswith(f"of {path.stat().st_size} bytes")
    assert provenance == PLACED.at(path) == provenance_of(path)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=f"{path}: damaged .it does not say what made it"):
        inspect(path)
