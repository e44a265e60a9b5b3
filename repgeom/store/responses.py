"""Measured responses: read from users' files, kept as one HDF5 file of ours.

A user's file holds a row for each presentation of a stimulus and a column for each channel (neuron, voxel, electrode):
a CSV with columns `stimulus`, `repetition`, `subject` beside the channels; or NumPy's npz, a netCDF or an HDF5 file
with the array `responses` (presentations × channels) and, of the same lengths, `stimulus`, `repetition`, `subject`,
`channel` and `channel_subject`, of which only the first must be there.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from repgeom.datasets.containers import classic_netcdf_arrays, hdf5_arrays, numpy_arrays
from repgeom.errors import InputError, nearest, require_file
from repgeom.store.hdf5 import read_arrays, write_arrays
from repgeom.store.provenance import NOTEBOOK, Provenance

CLASSIC = b"CDF"
"""How NetCDF-3 files begin; later ones are HDF5."""
OF_PRESENTATIONS = ("repetition", "subject")
OF_CHANNELS = ("channel", "channel_subject")
SEPARATORS = ",;\t|"
"""What columns of a text file may be told apart by; the first that finds the stimuli."""
PACKED = ("_FillValue", "missing_value", "scale_factor", "add_offset")
"""NetCDF's attributes of numbers that are not to be taken as they stand."""


@dataclass(frozen=True)
class Responses:
    """Responses of several subjects to the same stimuli.

    Attributes
    ----------
    ids : (n,) str
        The stimuli.
    values : dict
        Subject → (n, repetitions, channels) float64; NaN where a stimulus lacks a repetition.
    path : str
    """

    ids: np.ndarray
    values: dict[str, np.ndarray]
    path: str = ""


def import_responses(path: str | Path, stimulus: str = "stimulus") -> Responses:
    """Read a user's file by its ending: csv, tsv, npz, nc or h5.

    Parameters
    ----------
    path : file
    stimulus : str
        The column, or array, that holds the ids of the stimuli.

    Raises
    ------
    InputError
        The file cannot be read, lacks something, or what it says does not fit together.
    """
    ending = Path(path).suffix[1:]
    if ending not in READERS:
        raise InputError(f"{path}: responses are read from {', '.join(READERS)} files; save them as one of these")
    require_file(path)
    try:
        columns = READERS[ending](path, stimulus)
    except InputError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: cannot be read as {ending} ({' '.join(str(error).split())})") from error
    return gather_responses(columns, str(path))


def gather_responses(columns: Mapping[str, np.ndarray], where: str = "responses") -> Responses:
    """Responses by subject, stimulus and repetition, from presentations in any order.

    Parameters
    ----------
    columns : dict
        `responses` (presentations, channels) and `stimulus` (presentations,); where there are any, `repetition` and
        `subject` (presentations,), `channel` and `channel_subject` (channels,). Without `repetition`, presentations
        of a stimulus are counted in their order. A presentation of NaN throughout, or a channel of NaN throughout a
        subject, is taken as not measured.
    where : str
        Begins error messages.

    Raises
    ------
    InputError
        Lengths differ, a presentation has no stimulus or stands twice, a value is infinite or complex, a presentation
        has some channels only.
    """
    if np.iscomplexobj(columns["responses"]):
        raise InputError(f"{where}: responses are complex; give their magnitude, or both parts as channels")
    values = np.asarray(columns["responses"], dtype=float)
    _check_lengths(values, columns, where)
    _check_names(columns, where)
    stimulus = np.asarray(columns["stimulus"]).astype(str).astype(object)
    if np.isinf(values).any():
        raise InputError(f"{where}: the response to {stimulus[np.isinf(values).any(axis=1)][0]!r} is infinite")
    ids = np.array(list(dict.fromkeys(stimulus)), dtype=str)
    rows_of = _by_subject(columns.get("subject"), len(values))
    channels_of = _by_subject(columns.get("channel_subject"), values.shape[1])
    if "subject" in columns and "channel_subject" in columns:
        raise InputError(f"{where}: has subject and channel_subject; subjects own either presentations or channels")
    return Responses(
        ids,
        {
            subject: _arranged(
                values[np.ix_(rows, channels)],
                stimulus[rows],
                None if "repetition" not in columns else np.asarray(columns["repetition"])[rows],
                ids,
                f"{where}, subject {subject}",
            )
            for name, rows in rows_of.items()
            for other, channels in channels_of.items()
            for subject in [name or other or "1"]
        },
        where,
    )


def write_responses(path: str | Path, responses: Responses, provenance: Provenance = NOTEBOOK) -> None:
    """Write responses; the same ones give the same bytes."""
    arrays = {"ids": responses.ids}
    arrays |= {f"values_{i:04d}": values for i, values in enumerate(responses.values.values())}
    write_arrays(path, arrays, {"subjects": list(responses.values)}, provenance)


def read_responses(path: str | Path) -> Responses:
    """Read responses that `write_responses` wrote.

    Raises
    ------
    InputError
        The file is missing, damaged, or holds something else.
    """
    content = read_arrays(path)
    if "subjects" not in content.attributes:
        raise InputError(f"{path}: holds no responses of subjects")
    values = {name: content[f"values_{i:04d}"] for i, name in enumerate(content.attributes["subjects"])}
    return Responses(content["ids"], values, str(path))


def _read_csv(path: str | Path, stimulus: str) -> dict[str, np.ndarray]:
    table = pd.read_csv(path, sep=_separator(path, stimulus), converters={stimulus: str, "subject": str})
    _check_there(stimulus, table.columns, path)
    about = {name: table[name].to_numpy() for name in OF_PRESENTATIONS if name in table}
    channels = table.drop(columns=[stimulus, *about])
    for name in channels if len(table) else []:
        if str(name).startswith("Unnamed: "):
            raise InputError(
                f"{path}: a column has no name; leave it out if it counts rows, name it if it is a channel"
            )
        if not pd.api.types.is_numeric_dtype(channels[name]):
            text = next(str(value) for value in channels[name] if pd.isna(pd.to_numeric(value, errors="coerce")))
            raise InputError(
                f"{path}: the column {name!r} holds no numbers, such as {text!r}; leave out what is no channel, and "
                "write decimals with a point"
            )
    values = channels.to_numpy(dtype=float)
    return about | {"responses": values, "stimulus": table[stimulus].to_numpy(), "channel": channels.columns.to_numpy()}


def _separator(path: str | Path, stimulus: str) -> str:
    """What tells the columns apart, by the first line."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        head = file.readline()
    return next((s for s in SEPARATORS if stimulus in next(csv.reader([head], delimiter=s), [])), SEPARATORS[0])


def _read_npz(path: str | Path, stimulus: str) -> dict[str, np.ndarray]:
    return _named(numpy_arrays(path), stimulus, path)


def _read_netcdf(path: str | Path, stimulus: str) -> dict[str, np.ndarray]:
    with open(path, "rb") as file:
        if file.read(3) == CLASSIC:
            return _read_classic_netcdf(path, stimulus)
    arrays = hdf5_arrays(path, unpacked)
    texts = {name: array.astype(str) for name, array in arrays.items() if array.dtype.kind in "OS"}
    return _named(arrays | texts, stimulus, path)


def _read_classic_netcdf(path: str | Path, stimulus: str) -> dict[str, np.ndarray]:
    """NetCDF-3, which xarray writes by SciPy where nothing else is installed; text is an array of letters."""
    arrays = classic_netcdf_arrays(path, unpacked)
    letters = {name: array for name, array in arrays.items() if array.dtype.kind == "S" and array.ndim == 2}
    texts = {name: np.array([b"".join(row).rstrip(b"\0 ").decode() for row in a]) for name, a in letters.items()}
    return _named(arrays | texts, stimulus, path)


def unpacked(values: np.ndarray, attributes: Mapping[str, object]) -> np.ndarray:
    """An array of a netCDF file: scaled, and NaN where a value stands for none; as it is where nothing says so."""
    told = {name: np.ravel(attributes[name])[0] for name in PACKED if name in attributes}
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf" or not told:
        return values
    absent = np.isin(values, [told[name] for name in PACKED[:2] if name in told])
    if not absent.any() and not set(PACKED[2:]) & set(told):
        return values
    return np.where(absent, np.nan, values.astype(float)) * told.get("scale_factor", 1) + told.get("add_offset", 0)


def _named(arrays: Mapping[str, np.ndarray], stimulus: str, path: str | Path) -> dict[str, np.ndarray]:
    for name in ("responses", stimulus):
        _check_there(name, arrays, path)
    if arrays["responses"].ndim != 2:
        raise InputError(f"{path}: responses of shape {arrays['responses'].shape} are not (presentations, channels)")
    known = {name: arrays[name] for name in ("responses", *OF_PRESENTATIONS, *OF_CHANNELS) if name in arrays}
    return known | {"stimulus": arrays[stimulus]}


READERS: dict[str, Callable[[str | Path, str], dict[str, np.ndarray]]] = {
    "csv": _read_csv,
    "tsv": _read_csv,
    "npz": _read_npz,
    "nc": _read_netcdf,
    "h5": _read_netcdf,
}


def _check_there(name: str, known, path: str | Path) -> None:
    if name not in known:
        raise InputError(f"{path}: has no {name!r}; {nearest(name, known)}")


def _check_lengths(values: np.ndarray, columns: Mapping[str, np.ndarray], where: str) -> None:
    if 0 in values.shape:
        raise InputError(f"{where}: has no responses")
    for axis, names in enumerate((("stimulus", *OF_PRESENTATIONS), OF_CHANNELS)):
        for name in names:
            if name in columns and len(columns[name]) != values.shape[axis]:
                what = ("presentations", "channels")[axis]
                raise InputError(
                    f"{where}: {len(columns[name])} entries of {name} for {values.shape[axis]} {what}; responses have "
                    "a row for each presentation and a column for each channel"
                )


def _check_names(columns: Mapping[str, np.ndarray], where: str) -> None:
    """Whatever names a presentation or a channel is one name for each, and there."""
    for name in ("stimulus", *OF_PRESENTATIONS, *OF_CHANNELS):
        if name in columns:
            names = np.asarray(columns[name])
            if names.ndim != 1:
                raise InputError(f"{where}: {name} has shape {names.shape}; give a list of one name each")
            if (lacking := np.flatnonzero(pd.isna(names) | (names.astype(str) == ""))).size:
                raise InputError(f"{where}: {name} number {lacking[0] + 1} is empty; fill it in or leave that one out")


def _by_subject(subjects: np.ndarray | None, n: int) -> dict[str, np.ndarray]:
    """Subject → what belongs to it; one without a name where nothing is said."""
    if subjects is None:
        return {"": np.arange(n)}
    names = np.asarray(subjects).astype(str)
    return {name: np.flatnonzero(names == name) for name in dict.fromkeys(names)}


def _arranged(
    values: np.ndarray, stimulus: np.ndarray, repetition: np.ndarray | None, ids: np.ndarray, where: str
) -> np.ndarray:
    """(n, repetitions, channels) of one subject."""
    values = values[:, ~np.isnan(values).all(axis=0)]
    missing = np.isnan(values).all(axis=1)
    values, stimulus = values[~missing], stimulus[~missing]
    if not len(values):
        raise InputError(f"{where}: has no responses")
    partial = np.flatnonzero(np.isnan(values).any(axis=1))
    if len(partial):
        raise InputError(
            f"{where}: {np.isnan(values[partial[0]]).sum()} of {values.shape[1]} channels have no response (NaN) to "
            f"stimulus {stimulus[partial[0]]!r}; leave out the channels or the presentation"
        )
    counted = pd.Series(stimulus).groupby(stimulus).cumcount().to_numpy()
    _, number = (0, counted) if repetition is None else np.unique(repetition[~missing], return_inverse=True)
    place = np.array([np.flatnonzero(ids == name)[0] for name in stimulus])
    twice = pd.DataFrame({"stimulus": stimulus, "number": number}).duplicated().to_numpy()
    if twice.any():
        raise InputError(f"{where}: a repetition of stimulus {stimulus[twice][0]!r} stands twice; number them")
    arranged = np.full((len(ids), number.max() + 1, values.shape[1]), np.nan)
    arranged[place, number] = values
    return arranged
