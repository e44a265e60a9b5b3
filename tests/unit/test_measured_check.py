"""`repgeom check` reads measured data: each fault is one sentence that names the file, before anything is computed."""

import numpy as np
import pandas as pd
import pytest
import rsatoolbox
from scipy.spatial.distance import pdist

from repgeom.cli import main
from repgeom.store.stimuli import StimulusSet, write_stimuli

N = 8
IDS = [f"i{i}" for i in range(N)]
RNG = np.random.default_rng(0)
RDMS = np.array([pdist(RNG.normal(size=(N, 4))) for _ in range(3)])

CONFIGURATION = """
datasets: {digits: {source: digits}}
models: {net: {architecture: lenet, dataset: digits, seeds: [1], training: {epochs: 1, learning_rate: 0.01}}}
stimuli: {few: {kind: select, dataset: digits, split: test, per_class: 1}}
data: {it: %s}
studies: {mine: {it: {kind: %s, data: it, of: [{model: net, stimuli: few}]}}}
"""


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Run `repgeom check` on a project with measured data; its exit status and what it says."""
    monkeypatch.chdir(tmp_path)

    def run(section, kind="inference"):
        (tmp_path / "config.yaml").write_text(CONFIGURATION % (section, kind))
        status = main(["check"])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def save(rdms, ids=tuple(IDS), **descriptors):
    of_subjects = {"subject": [f"s{i}" for i in range(len(rdms))]}
    saved = rsatoolbox.rdm.RDMs(rdms, pattern_descriptors={"stimulus": list(ids)}, rdm_descriptors=of_subjects)
    saved.save("it.h5", file_type="hdf5", overwrite=True)


def write_csv(repetitions, ids=tuple(IDS), **changed):
    table = pd.DataFrame(RNG.normal(size=(len(ids) * repetitions, 5)), columns=[f"n{i}" for i in range(5)])
    table.assign(stimulus=np.repeat(ids, repetitions), **changed).to_csv("v1.csv", index=False)


def test_what_rsatoolbox_saved_is_told(check):
    save(RDMS)
    status, said = check("{rdms: it.h5}")
    assert status == 0 and "data.it: RDMs of 3 subjects, 8 stimuli (ids i0, i1, i2, …)" in said


def test_what_subjects_lack_is_told(check):
    gaps = RDMS.copy()
    gaps[1, :2] = np.nan
    save(gaps)
    assert "data.it: subject s1 lacks 2 of 28 pairs, and is compared at the others" in check("{rdms: it.h5}")[1]
    save(RDMS[:1])
    assert (
        "data.it: one subject: no noise ceiling, and intervals are for other stimuli only" in check("{rdms: it.h5}")[1]
    )


def test_ids_are_matched_with_stimuli_that_were_made(check, tmp_path):
    (tmp_path / "results" / "stimuli").mkdir(parents=True)
    made = StimulusSet(np.zeros((N, 4, 4), np.float32), np.arange(N), np.array(IDS), {})
    write_stimuli(tmp_path / "results" / "stimuli" / "few.h5", made)
    save(RDMS[:, : 7 * 6 // 2], IDS[:7])
    assert "with few: 7 stimuli in common; the data lack 1 (i7)" in check("{rdms: it.h5}")[1]
    save(RDMS, [f"x{i}" for i in range(N)])
    status, said = check("{rdms: it.h5}")
    assert status == 1 and "0 stimuli in common, at least 5 are needed; the network was shown 'i0'" in said


FAULTS = {
    "missing": (lambda: None, "{rdms: it.h5}", "data.it: it.h5: no such file"),
    "no ids": (lambda: save(RDMS), "{rdms: it.h5, ids: image}", "no pattern descriptor 'image' with the ids"),
    "constant": (lambda: save(np.vstack([RDMS, np.ones((1, 28))])), "{rdms: it.h5}",
                 "it.h5: the RDM of subject 's3' is constant, or empty; leave it out"),
    "NaN": (lambda: save(np.vstack([RDMS, np.full((1, 28), np.nan)])), "{rdms: it.h5}",
            "it.h5: the RDM of subject 's3' is constant, or empty; leave it out"),
    "twice": (lambda: save(RDMS, [*IDS[:7], "i0"]), "{rdms: it.h5}", "the stimulus id 'i0' stands twice"),
    "once": (lambda: write_csv(1), "{responses: v1.csv}", "subject 1: no stimulus was shown twice"),
    "gaps": (lambda: write_csv(2, n1=[np.nan, *range(15)]), "{responses: v1.csv}",
             "1 of 5 channels have no response (NaN) to stimulus 'i0'"),
    "subjects": (lambda: save(RDMS), "{rdms: it.h5, subjects: who}", "no RDM descriptor 'who' that names the subjects"),
    "few": (lambda: save(RDMS[:, :3], IDS[:3]), "{rdms: it.h5}", "it.h5: holds 3 of the at least 5 stimuli"),
    "words": (lambda: write_csv(2, n1="high"), "{responses: v1.csv}", "the column 'n1' holds no numbers"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence(fault, check):
    write, section, sentence = FAULTS[fault]
    write()
    status, said = check(section)
    assert status == 1 and sentence in said and "Traceback" not in said, said
    assert len([line for line in said.splitlines() if "Error" in line or line.startswith("- ")]) <= 2


def test_a_silent_channel_is_told_where_it_is_to_be_predicted(check):
    write_csv(2, n2=1.5)
    status, said = check("{responses: v1.csv}", "encoding")
    assert status == 1 and "subject 1: channel number 3 responds alike to all stimuli; leave it out" in said


def test_encoding_needs_no_repetitions(check):
    write_csv(1)
    status, said = check("{responses: v1.csv}", "encoding")
    assert status == 0 and "responses of 1 subjects, 5 channels, up to 1 repetitions, to 8 stimuli" in said
