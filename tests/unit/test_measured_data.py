"""Measured data: read from every kind of file, turned into RDMs, matched by id; and what may be wrong with them."""

import h5py
import numpy as np
import pandas as pd
import pytest
import rsatoolbox
import scipy.io
from scipy.spatial.distance import pdist, squareform

from repgeom.analyses.alignment import align, of_stimuli
from repgeom.errors import InputError
from repgeom.measures.inference.crossnobis import DISTANCES, measured_rdm, noise_covariance
from repgeom.measures.inference.simulation import simulated_responses
from repgeom.store.measured_rdms import MeasuredRDMs, import_rdms, read_measured_rdms, write_measured_rdms
from repgeom.store.responses import gather_responses, import_responses, read_responses, write_responses

N, REPETITIONS, CHANNELS = 7, 3, 5
IDS = [f"img{i}" for i in range(1, N + 1)]
RNG = np.random.default_rng(0)
RESPONSES = RNG.normal(size=(N, 1, CHANNELS)) + 0.5 * RNG.normal(size=(N, REPETITIONS, CHANNELS))


def presentations(seed=1):
    """The responses as rows in a random order: stimulus, repetition, channels."""
    order = np.random.default_rng(seed).permutation(N * REPETITIONS)
    stimulus, repetition = np.divmod(order, REPETITIONS)
    return {
        "responses": RESPONSES[stimulus, repetition],
        "stimulus": np.array(IDS)[stimulus],
        "repetition": repetition + 1,
    }


def in_order(responses, subject):
    return responses.values[subject][[list(responses.ids).index(name) for name in IDS]]


def write_csv(path, columns):
    table = pd.DataFrame(columns["responses"], columns=[f"neuron{c}" for c in range(CHANNELS)])
    table.assign(**{name: values for name, values in columns.items() if name != "responses"}).to_csv(path, index=False)


def write_netcdf(path, columns):
    with h5py.File(path, "w") as file:
        for name, values in columns.items():
            text = values.dtype.kind == "U"
            file.create_dataset(name, data=values.astype(object) if text else values,
                                dtype=h5py.string_dtype() if text else None)  # fmt: skip


def write_tsv(path, columns):
    write_csv(path, columns)
    path.write_text("\ufeff" + path.read_text().replace(",", "\t"), encoding="utf-8")


WRITERS = {
    "csv": write_csv,
    "tsv": write_tsv,
    "npz": lambda path, columns: np.savez(path, **columns),
    "nc": write_netcdf,
    "h5": write_netcdf,
}


def test_responses_are_read_from_classic_netcdf(tmp_path):
    """As xarray writes it by SciPy: text as an array of letters."""
    columns = presentations()
    letters = np.array([list(name.ljust(6, "\0").encode()) for name in columns["stimulus"]], np.uint8).view("S1")
    with scipy.io.netcdf_file(tmp_path / "v1.nc", "w") as file:
        for name, length in (("presentation", N * REPETITIONS), ("channel", CHANNELS), ("string6", 6)):
            file.createDimension(name, length)
        file.createVariable("responses", "d", ("presentation", "channel"))[:] = columns["responses"]
        file.createVariable("repetition", "i", ("presentation",))[:] = columns["repetition"]
        file.createVariable("stimulus", "c", ("presentation", "string6"))[:] = letters
    np.testing.assert_array_equal(in_order(import_responses(tmp_path / "v1.nc"), "1"), RESPONSES)


@pytest.mark.parametrize("ending", WRITERS)
def test_responses_are_read_from_every_kind_of_file(ending, tmp_path):
    file = tmp_path / f"v1.{ending}"
    WRITERS[ending](file, presentations())
    read = import_responses(file)
    np.testing.assert_array_equal(in_order(read, "1"), RESPONSES)
    write_responses(tmp_path / "kept.h5", read)
    kept = read_responses(tmp_path / "kept.h5")
    assert list(kept.ids) == list(read.ids) and list(kept.values) == ["1"]
    np.testing.assert_array_equal(kept.values["1"], read.values["1"])


def test_columns_may_be_told_apart_by_semicolons(tmp_path):
    write_csv(tmp_path / "v1.csv", presentations())
    (tmp_path / "v1.csv").write_text((tmp_path / "v1.csv").read_text().replace(",", ";"))
    np.testing.assert_array_equal(in_order(import_responses(tmp_path / "v1.csv"), "1"), RESPONSES)


@pytest.mark.parametrize("classic", [True, False])
def test_packed_numbers_of_netcdf_are_what_they_stand_for(classic, tmp_path):
    """As xarray writes them: whole numbers with a scale, and one of them for what was not measured."""
    path, numbers = tmp_path / "v1.nc", np.arange(N * CHANNELS, dtype=np.int16).reshape(N, CHANNELS)
    packing = {"scale_factor": 0.5, "add_offset": 2.0, "_FillValue": np.int16(-99)}
    numbers[1] = -99
    if classic:
        with scipy.io.netcdf_file(path, "w") as file:
            for name, length in (("presentation", N), ("channel", CHANNELS)):
                file.createDimension(name, length)
            variable = file.createVariable("responses", "h", ("presentation", "channel"))
            variable[:] = numbers
            for name, value in packing.items():
                setattr(variable, name, value)
            file.createVariable("stimulus", "i", ("presentation",))[:] = np.arange(N)
    else:
        with h5py.File(path, "w") as file:
            file["responses"], file["stimulus"] = numbers, np.arange(N)
            file["responses"].attrs.update({name: np.array([value]) for name, value in packing.items()})
    read = import_responses(path)
    expected = np.where(numbers == -99, np.nan, numbers * 0.5 + 2)
    np.testing.assert_array_equal(read.values["1"][:, 0], expected)


def test_presentations_are_counted_where_nothing_numbers_them():
    columns = presentations()
    del columns["repetition"]
    np.testing.assert_allclose(in_order(gather_responses(columns), "1").mean(axis=1), RESPONSES.mean(axis=1))


def test_subjects_own_presentations_or_channels():
    columns = presentations()
    twice = {name: np.concatenate([values, values]) for name, values in columns.items()}
    twice["subject"] = np.repeat(["a", "b"], N * REPETITIONS)
    twice["responses"][N * REPETITIONS :, 0] = np.nan  # a channel that subject b lacks
    read = gather_responses(twice)
    np.testing.assert_array_equal(in_order(read, "a"), RESPONSES)
    np.testing.assert_array_equal(in_order(read, "b"), RESPONSES[..., 1:])
    read = gather_responses(columns | {"channel_subject": np.array(["a", "b", "a", "b", "b"])})
    np.testing.assert_array_equal(in_order(read, "a"), RESPONSES[..., [0, 2]])


def test_a_presentation_that_was_not_measured_is_missing():
    columns = presentations()
    columns["responses"][columns["stimulus"] == "img3"] = np.nan
    read = in_order(gather_responses(columns), "1")
    assert np.isnan(read[2]).all() and np.isfinite(np.delete(read, 2, axis=0)).all()
    rdm = squareform(measured_rdm(read, "unbiased"), checks=False)
    assert np.isnan(np.delete(rdm[2], 2)).all()
    others = np.delete(np.arange(N), 2)
    np.testing.assert_allclose(rdm[np.ix_(others, others)], squareform(measured_rdm(RESPONSES[others], "unbiased")))


def with_value(row, channel, value):
    columns = presentations()
    columns["responses"][row, channel] = value
    return columns


WRONG = [
    (with_value(0, 0, np.inf), r"v1: the response to 'img\d' is infinite"),
    (with_value(0, 0, np.nan), r"subject 1: 1 of 5 channels have no response \(NaN\) to stimulus 'img\d'; leave out"),
    (presentations() | {"repetition": np.ones(N * REPETITIONS)}, r"a repetition of stimulus 'img\d' stands twice"),
    (presentations() | {"subject": np.array(["a"])}, r"v1: 1 entries of subject for 21 presentations"),
    (presentations() | {"channel_subject": np.array(["a"])}, r"v1: 1 entries of channel_subject for 5 channels"),
    (presentations() | {"subject": np.repeat("a", 21), "channel_subject": np.repeat("a", 5)}, "own either"),
    (presentations() | {"responses": np.full((21, 5), np.nan)}, r"v1, subject 1: has no responses"),
    ({"responses": np.empty((0, 5)), "stimulus": np.empty(0)}, r"v1: has no responses"),
    (presentations() | {"responses": np.ones((21, 5), complex)}, r"v1: responses are complex"),
    (presentations() | {"stimulus": np.array([["a"]] * 21)}, r"v1: stimulus has shape \(21, 1\)"),
    (presentations() | {"stimulus": np.array(["a"] * 20 + [""])}, r"v1: stimulus number 21 is empty"),
    (presentations() | {"subject": np.array([1, np.nan] + 19 * [1])}, r"v1: subject number 2 is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "sentence"), WRONG)
def test_what_does_not_fit_together_is_told(columns, sentence):
    with pytest.raises(InputError, match=sentence):
        gather_responses(columns, "v1")


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InputError, match=r"v1.mat: responses are read from csv, tsv, npz, nc, h5 files"):
        import_responses(tmp_path / "v1.mat")
    with pytest.raises(InputError, match=r"v1.csv: no such file"):
        import_responses(tmp_path / "v1.csv")
    for ending in WRITERS:
        WRITERS[ending](tmp_path / f"v1.{ending}", presentations())
        with pytest.raises(InputError, match=rf"v1.{ending}: has no 'image'; "):
            import_responses(tmp_path / f"v1.{ending}", "image")
    for ending in ("npz", "nc", "h5"):
        (tmp_path / f"text.{ending}").write_text("text")
        with pytest.raises(InputError, match=rf"text.{ending}: cannot be read"):
            import_responses(tmp_path / f"text.{ending}")
    for name, text, sentence in (
        ("words", "stimulus,neuron\na,1\nb,high\n", "the column 'neuron' holds no numbers, such as 'high'"),
        ("commas", "stimulus;neuron\na;1,5\n", "the column 'neuron' holds no numbers, such as '1,5'"),
        ("rows", ",stimulus,neuron\n0,a,1\n", "a column has no name; leave it out if it counts rows"),
        ("head", "stimulus,neuron\n", "has no responses"),
        ("ragged", "stimulus,neuron\na,1\nb,1,2\n", r"cannot be read as csv \(Error tokenizing data.*saw 3\)$"),
        ("nobody", "stimulus,subject,neuron\na,x,1\nb,,2\n", "subject number 2 is empty"),
        ("empty", "", "cannot be read as csv"),
    ):
        (tmp_path / f"{name}.csv").write_text(text)
        with pytest.raises(InputError, match=f"{name}.csv: {sentence}"):
            import_responses(tmp_path / f"{name}.csv")
    np.savez(tmp_path / "flat.npz", responses=np.zeros(3), stimulus=IDS[:3])
    with pytest.raises(InputError, match=r"flat.npz: responses of shape \(3,\) are not \(presentations, channels\)"):
        import_responses(tmp_path / "flat.npz")


def rsatoolbox_dataset():
    rows = RESPONSES.transpose(1, 0, 2).reshape(-1, CHANNELS)
    about = {"stimulus": np.tile(IDS, REPETITIONS), "run": np.repeat(np.arange(REPETITIONS), N)}
    return rsatoolbox.data.Dataset(rows, obs_descriptors=about)


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_unbiased_distances_are_rsatoolboxs():
    data = rsatoolbox_dataset()
    residuals = (RESPONSES - RESPONSES.mean(axis=1, keepdims=True)).reshape(-1, CHANNELS)
    # Told the degrees of freedom: rsatoolbox's own count for repeated measurements, (N - 1) * REPETITIONS, is another.
    noise = rsatoolbox.data.noise.prec_from_residuals(residuals, dof=N * (REPETITIONS - 1))
    np.testing.assert_allclose(np.linalg.inv(noise_covariance(RESPONSES)), noise, rtol=1e-10)
    for distance, precision in (("crossnobis", noise), ("unbiased", None)):
        expected = rsatoolbox.rdm.calc_rdm(data, "crossnobis", "stimulus", precision, "run").dissimilarities[0]
        np.testing.assert_allclose(measured_rdm(RESPONSES, distance), expected, atol=1e-12)


@pytest.mark.parametrize("distance", ["euclidean", "correlation"])
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_distances_of_means_are_rsatoolboxs(distance):
    expected = rsatoolbox.rdm.calc_rdm(rsatoolbox_dataset(), distance, "stimulus").dissimilarities[0]
    np.testing.assert_allclose(measured_rdm(RESPONSES, distance), expected, atol=1e-12)


def test_noise_adds_nothing_on_average_to_distances_of_repetitions():
    """Where patterns are the same, a distance of means is noise; products of repetitions are zero on average."""
    noise = np.random.default_rng(3).normal(size=(1000, 2, 2, 4))
    unbiased = np.array([measured_rdm(x, "unbiased")[0] for x in noise])
    of_means = np.array([measured_rdm(x, "euclidean")[0] for x in noise])
    assert abs(unbiased.mean()) < 3 * unbiased.std() / np.sqrt(len(noise)) and of_means.mean() > 0.9


def test_whitening_leaves_no_trace_of_how_channels_are_mixed():
    """Crossnobis distances are invariant under what a fully estimated noise covariance takes out: channels' scales."""
    scaled = RESPONSES * np.array([1, 10, 0.1, 3, 7])
    np.testing.assert_allclose(measured_rdm(scaled, "crossnobis"), measured_rdm(RESPONSES, "crossnobis"), rtol=1e-10)


@pytest.mark.parametrize("distance", DISTANCES)
def test_what_has_no_distance_is_told(distance):
    if distance in ("crossnobis", "unbiased"):
        with pytest.raises(InputError, match=r"v1: no stimulus was shown twice.*choose distance: correlation"):
            measured_rdm(RESPONSES[:, :1], distance, "v1")
    if distance in ("correlation", "cosine"):
        flat = RESPONSES.copy()
        flat[4] = 0
        with pytest.raises(InputError, match="v1: stimulus number 5 has no direction"):
            measured_rdm(flat, distance, "v1")
    silent = RESPONSES.copy()
    silent[..., 2] = 1
    if distance == "crossnobis":
        with pytest.raises(InputError, match="v1: channel number 3 never varies over repetitions"):
            measured_rdm(silent, distance, "v1")
        one = np.full((2, 2, 3), np.nan)
        one[0] = RNG.normal(size=(2, 3))
        with pytest.raises(InputError, match=r"v1: too few repetitions.*choose distance: unbiased"):
            measured_rdm(one, distance, "v1")
    with pytest.raises(InputError, match=r"unknown distance 'crosnobis'; did you mean 'crossnobis'\?"):
        measured_rdm(RESPONSES, "crosnobis")


RDMS = np.array([pdist(x) for x in RNG.normal(size=(3, N, 4))])


def save_rdms(path, rdms=RDMS, **descriptors):
    described = {"pattern_descriptors": {"stimulus": IDS}, "rdm_descriptors": {"subject": ["a", "b", "c"]}}
    rsatoolbox.rdm.RDMs(rdms, **(described | descriptors)).save(str(path), file_type="hdf5")


def test_rdms_of_rsatoolbox_are_read_and_ours_are_read_there(tmp_path):
    gaps = RDMS.copy()
    gaps[1, 3] = np.nan
    save_rdms(tmp_path / "theirs.h5", gaps)
    read = import_rdms(tmp_path / "theirs.h5")
    assert list(read.ids) == IDS and read.subjects == ["a", "b", "c"]
    np.testing.assert_array_equal(read.dissimilarities, gaps)
    write_measured_rdms(tmp_path / "ours.h5", read)
    np.testing.assert_array_equal(read_measured_rdms(tmp_path / "ours.h5").dissimilarities, gaps)
    back = rsatoolbox.rdm.load_rdm(str(tmp_path / "ours.h5"))
    np.testing.assert_array_equal(back.dissimilarities, gaps)
    assert list(back.pattern_descriptors["stimulus"]) == IDS


def test_subjects_without_names_are_numbered(tmp_path):
    save_rdms(tmp_path / "rdms.h5", pattern_descriptors={"image": np.arange(N)}, rdm_descriptors={})
    read = import_rdms(tmp_path / "rdms.h5", ids="image")
    assert read.subjects == ["1", "2", "3"] and list(read.ids) == [str(i) for i in range(N)]


def test_what_is_wrong_with_rdms_is_told(tmp_path):
    with pytest.raises(InputError, match=r"it.h5: no such file"):
        import_rdms(tmp_path / "it.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(InputError, match=r"text.h5: cannot be read .*; RDMs are in rsatoolbox's HDF5 format"):
        import_rdms(tmp_path / "text.h5")
    save_rdms(tmp_path / "it.h5")
    with pytest.raises(InputError, match=r"no pattern descriptor 'stimuli' with the ids.*did you mean 'stimulus'"):
        import_rdms(tmp_path / "it.h5", ids="stimuli")
    save_rdms(tmp_path / "twice.h5", rdm_descriptors={"subject": ["a", "b", "a"]})
    with pytest.raises(InputError, match="the subject 'a' stands twice"):
        import_rdms(tmp_path / "twice.h5")
    with pytest.raises(InputError, match="the stimulus id 'img1' stands twice"):
        MeasuredRDMs(RDMS, ["a", "b", "c"], np.array(["img1", *IDS[:-1]]))
    with pytest.raises(InputError, match="infinite"):
        MeasuredRDMs(RDMS * np.inf, ["a", "b", "c"], np.array(IDS))
    with pytest.raises(InputError, match="3 RDMs of 21 pairs do not fit 6 ids"):
        MeasuredRDMs(RDMS, ["a", "b", "c"], np.array(IDS[:-1]))


def test_stimuli_are_matched_by_id_in_the_networks_order():
    network, data = np.array(["f", "b", "d", "a", "e", "c"]), np.array(["a", "b", "c", "d", "e", "x"])
    shared = align(network, data, "it")
    assert list(shared.ids) == ["b", "d", "a", "e", "c"]
    assert list(network[shared.first]) == list(data[shared.second]) == list(shared.ids)
    assert shared.only_first == ["f"] and shared.only_second == ["x"]
    assert shared.told() == "5 stimuli in common; the data lack 1 (f); the network was not shown 1 (x)"
    patterns = RNG.normal(size=(6, 3))
    found = of_stimuli(pdist(patterns)[None], shared.second)[0]
    np.testing.assert_allclose(found, pdist(patterns[shared.second]))
    with pytest.raises(InputError, match=r"it: 0 stimuli in common.*shown 'f', 'b', 'd', …, the data are of 'x', 'y'"):
        align(network, np.array(["x", "y"]), "it")


def test_simulated_subjects_respond_like_the_node():
    patterns = RNG.normal(size=(N, 40))
    subjects = simulated_responses(patterns, 2, 20_000, 2, noise=0.5, seed=1)
    truth = pdist(patterns) ** 2
    for responses in subjects:
        assert responses.shape == (N, 2, 20_000)
        assert np.corrcoef(measured_rdm(responses, "unbiased"), truth)[0, 1] > 0.99
        assert (responses[:, 0] - responses[:, 1]).std() == pytest.approx(0.5 * np.sqrt(2), rel=0.01)
        assert responses.mean(axis=1).var(axis=0).mean() == pytest.approx(1 + 0.125 * (N - 1) / N, rel=0.05)
    assert not np.array_equal(*subjects)
    with pytest.raises(InputError, match="the patterns of all stimuli are the same"):
        simulated_responses(np.ones((4, 3)), 1, 2, 1, noise=1, seed=0)
