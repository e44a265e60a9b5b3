"""Looking inside an artifact: what it holds, what made it. Only what reads its kind of file is imported."""

import csv
import html
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from repgeom.errors import InputError, require_file
from repgeom.store.projected import PROJECTION, in_words, projection_of
from repgeom.store.provenance import Provenance, damaged, of_kind, provenance_in
from repgeom.store.table_metadata import check_table, read_table_metadata


def inspect(path: str | Path) -> tuple[list[str], Provenance]:
    """Content of an artifact, line by line, and its provenance. The whole file is read and verified.

    Raises
    ------
    InputError
        The file is missing, damaged, or of a kind that carries no provenance.
    """
    path = Path(path)
    require_file(path)
    for ending, look in READERS.items():
        if path.name.endswith(ending):
            return look(path)
    raise InputError(f"{path}: not an artifact of repgeom (known: {', '.join(READERS)})")


def provenance_of(path: str | Path) -> Provenance | None:
    """What made an artifact, as far as can be told without reading all of it; None where that cannot be told.

    Whether the rest is whole is for readers to see.
    """
    path = Path(path)
    read = next((read for ending, read in RECORDED.items() if path.name.endswith(ending)), None)
    if read is None or not path.is_file():
        return None
    try:
        return provenance_in(path, read(path))
    except Exception:  # of any type, where a file was made to break what reads it
        return None


def _recorded_in_zarr(path: Path) -> dict:
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("zarr.json").compress_type != zipfile.ZIP_STORED:
            raise zipfile.BadZipFile("its entries are compressed, as none of ours are")
        return json.loads(archive.read("zarr.json"))["attributes"]["provenance"]


def _recorded_in_hdf5(path: Path) -> str:
    from repgeom.store.hdf5 import open_checked

    with open_checked(path) as file:
        return file.attrs["provenance"]


def _recorded_in_weights(path: Path) -> str:
    """From the header of a safetensors file, without torch: its length, then JSON."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, MAX_HEADER)))
    return json.loads(header["__metadata__"]["repgeom"])["provenance"]


def _recorded_in_table(path: Path) -> dict:
    return read_table_metadata(path)["provenance"]


def _recorded_in_png(path: Path) -> str:
    from PIL import Image

    with Image.open(path, formats=["PNG"]) as image:
        return image.info["Description"]


def _recorded_in_pdf(path: Path) -> str:
    """From what Matplotlib writes as the subject of the document; parentheses in it are escaped."""
    return re.sub(rb"\\(.)", rb"\1", SUBJECT.findall(path.read_bytes())[-1]).decode()


def _recorded_in_page(path: Path) -> str:
    return html.unescape(META.findall(path.read_text(encoding="utf-8"))[0])


MAX_HEADER = 1 << 27
SUBJECT = re.compile(rb"/Subject \(((?:[^()\\]|\\.)*)\)")
META = re.compile('<meta name="provenance" content="([^"]*)">')
RECORDED = {
    ".zarr.zip": _recorded_in_zarr,
    ".h5": _recorded_in_hdf5,
    ".safetensors": _recorded_in_weights,
    ".csv": _recorded_in_table,
    ".png": _recorded_in_png,
    ".pdf": _recorded_in_pdf,
    ".html": _recorded_in_page,
}


def _zarr(path: Path) -> tuple[list[str], Provenance]:
    from repgeom.store.activations import open_activations
    from repgeom.store.zarr import FRAME, group_array, holds, key_of, plain_array

    with open_activations(path) as file:
        lines = [f"{len(file.stimuli.ids)} stimuli: {', '.join(file.stimuli.ids[:3])} …"]
        if stated := file.group.attrs.get(PROJECTION):
            lines.append(in_words(stated))
        for name, node in file.nodes.items():
            array = group_array(file.group, name, path)
            frame = f"{FRAME}/{key_of(name)}"
            for part in (array, *([plain_array(file.group, frame, path)] if holds(file.group, frame, path) else [])):
                part[:]  # reads, and so verifies, every chunk
            step = f", step {node['timestep']}" if node["timestep"] else ""
            lines.append(f"{name}: {array.shape[0]} × {array.shape[1]} {array.dtype}{step}")
        return lines, provenance_in(path, dict(file.group.attrs)["provenance"])


def _hdf5(path: Path) -> tuple[list[str], Provenance]:
    from repgeom.store.hdf5 import open_checked, read_arrays
    from repgeom.store.measured_rdms import read_measured_rdms
    from repgeom.store.rdms import read_rdms

    with open_checked(path) as file:
        holds_rdms, measured = "dissimilarities" in file, "rdm_descriptors/subject" in file
    if measured:
        found = read_measured_rdms(path)
        told = f"RDMs ({found.measure}) of {len(found.ids)} stimuli and {len(found.subjects)} subjects"
        return [told, ", ".join(found.subjects)], found.provenance
    if holds_rdms:
        rdms = read_rdms(path)
        lines = [f"RDMs ({rdms.measure}) of {len(rdms.ids)} stimuli at {len(rdms.nodes)} nodes", ", ".join(rdms.nodes)]
        return lines + _projected(rdms.provenance), rdms.provenance
    content = read_arrays(path)
    lines = [f"{name}: {array.shape} {array.dtype}" for name, array in content.arrays.items()]
    return lines, content.provenance


def _weights(path: Path) -> tuple[list[str], Provenance]:
    from repgeom.store.weights import read_epochs, read_weights, read_weights_provenance

    epochs = read_epochs(path)
    states = [read_weights(path, epoch) for epoch in epochs]
    lines = [f"weights at epochs {', '.join(map(str, epochs))}"]
    lines += [f"{name}: {tuple(value.shape)}" for name, value in states[-1].items()]
    return lines, read_weights_provenance(path)


def _table(path: Path) -> tuple[list[str], Provenance]:
    provenance, metadata = check_table(path), read_table_metadata(path)
    with of_kind(path, "a table"), path.open(newline="", encoding="utf-8") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
        described = [
            f"{column['name']}: {column.get('dc:description', '')}".rstrip(": ")
            for column in metadata["tableSchema"]["columns"][:40]
        ]
    return [f"table of {rows} rows", *_projected(provenance), *described], provenance


def _projected(provenance: Provenance) -> list[str]:
    """How far off the numbers of a file may be, where it is made of projected coordinates."""
    told = in_words(projection_of(provenance))
    return [told] if told else []


def _png(path: Path) -> tuple[list[str], Provenance]:
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            lines = [f"picture of {image.width} × {image.height} pixels"]
            return lines, provenance_in(path, image.info["Description"])
    except InputError:
        raise
    except Exception as error:  # of any type, where a file was made to break Pillow
        raise InputError(f"{path}: damaged, or not drawn by repgeom ({error})") from error


def _pdf(path: Path) -> tuple[list[str], Provenance]:
    return _shown(path, "figure", _recorded_in_pdf)


def _page(path: Path) -> tuple[list[str], Provenance]:
    return _shown(path, "page", _recorded_in_page)


def _shown(path: Path, kind: str, recorded: Callable[[Path], str]) -> tuple[list[str], Provenance]:
    with of_kind(path, f"a {kind}"):
        try:
            found = recorded(path)
        except (IndexError, UnicodeDecodeError) as error:
            raise damaged(path, "it does not say what made it") from error
        return [f"{kind} of {path.stat().st_size} bytes"], provenance_in(path, found)


READERS = {
    ".zarr.zip": _zarr,
    ".h5": _hdf5,
    ".safetensors": _weights,
    ".csv": _table,
    ".png": _png,
    ".pdf": _pdf,
    ".html": _page,
}
