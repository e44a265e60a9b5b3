"""What is told before a run that keeps its results in object storage, and what its files are called."""

import pytest

from repgeom.errors import InputError
from repgeom.store.inspection import provenance_of
from repgeom.store.provenance import Provenance
from repgeom.workflow import stored
from repgeom.workflow.recorded import MADE, digest, recorded
from repgeom.workflow.storage import require_prefix, told


@pytest.mark.parametrize("prefix", ["mine/run", "s3://", "s3:///", "gs://mine"])
def test_a_prefix_without_a_bucket_is_told(prefix):
    with pytest.raises(InputError, match="write s3://BUCKET"):
        require_prefix("s3", prefix)


def test_other_providers_are_refused():
    require_prefix("s3", "s3://mine")
    with pytest.raises(InputError, match="--default-storage-provider gcs: results can be kept in s3 only"):
        require_prefix("gcs", "gs://mine")


def test_names_of_copies_and_objects(monkeypatch):
    copy, address = ".snakemake/storage/s3/mine/run/results/a.h5", "s3://mine/run/results/a.h5"
    assert stored.as_in_folder(copy) == stored.naming_objects(copy) == copy
    assert stored.as_object("results/a.h5") == stored.as_copy("results/a.h5") == "results/a.h5"
    monkeypatch.setenv(stored.COPIES, ".snakemake/storage/s3/mine/run/")
    monkeypatch.setenv(stored.OBJECTS, "s3://mine/run/")
    shown = f"{address} (send to storage)"
    assert {stored.as_in_folder(name) for name in (copy, address, shown)} == {"results/a.h5"}
    assert stored.as_copy(shown) == copy and stored.as_object(shown) == stored.as_object(copy) == address
    assert stored.naming_objects(f"{copy}: damaged") == f"{address}: damaged"


def test_an_object_tells_a_digest_of_what_made_it(tmp_path):
    path = tmp_path / "results" / "a.html"
    path.parent.mkdir()
    made = [Provenance("rule", {}, {"alpha": alpha}).at(path) for alpha in (1, 2)]
    digests = set()
    for provenance in made:
        content = provenance.to_json().replace('"', "&#34;")
        path.write_text(f'<meta name="provenance" content="{content}">')
        assert provenance_of(path) == provenance
        assert told(path) == {MADE: digest(recorded(provenance))}
        digests.add(told(path)[MADE])
    assert len(digests) == 2
    (tmp_path / "a.log").write_text("")
    assert told(tmp_path / "a.log") == {}
