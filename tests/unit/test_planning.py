"""What Snakemake is told once instead of for every job."""

import importlib

import pytest

from repgeom.workflow import planning


@pytest.fixture
def asked(monkeypatch):
    """Remembered answers, until the test ends."""
    for name, modules in planning._ASKED_AGAIN.items():
        for module in modules:
            monkeypatch.setattr(module, name, getattr(module, name))
    planning.remember_answers()


@pytest.mark.parametrize("name", planning._ASKED_AGAIN)
def test_snakemake_has_these_functions_where_they_are_replaced(name):
    for module in planning._ASKED_AGAIN[name]:
        assert getattr(importlib.import_module(module.__name__), name)


def test_parameters_of_a_function_are_worked_out_once(asked):
    from snakemake import rules

    class Function:
        looked = 0

        @property
        def __signature__(self):
            Function.looked += 1
            raise AttributeError

        def __call__(self, wildcards, attempt):
            pass

    function = Function()
    found = [list(rules.get_function_params(function)) for _ in range(3)]
    assert found == [["wildcards", "attempt"]] * 3
    assert Function.looked == 1


def test_two_functions_keep_their_own_parameters(asked):
    from snakemake import rules

    assert list(rules.get_function_params(lambda w: w)) == ["w"]
    assert list(rules.get_function_params(lambda wildcards, threads: threads)) == ["wildcards", "threads"]


def test_addresses_mean_what_they_meant(asked):
    from snakemake import common, sourcecache

    for address in ("/a folder/Snakefile", "https://example.org/Snakefile", "git+file:///somewhere/else"):
        for _ in range(2):
            assert tuple(sourcecache.parse_uri(address)) == tuple(common.parse_uri(address))
