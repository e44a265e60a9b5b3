"""The executor plugin for Kubernetes, stood in for, where there is no cluster."""

import sys
from types import SimpleNamespace

import pytest
from snakemake.exceptions import WorkflowError

from repgeom.workflow.kubernetes import PLUGIN, tell_missing_cluster


class NotKnownError(Exception):
    pass


class Executor:
    known = False

    def __post_init__(self) -> None:
        if not self.known:
            raise NotKnownError("Service host/port is not set.")


def test_a_missing_cluster_is_told_in_one_sentence(monkeypatch):
    monkeypatch.delitem(sys.modules, PLUGIN, raising=False)
    tell_missing_cluster()  # nothing to do
    config = SimpleNamespace(config_exception=SimpleNamespace(ConfigException=NotKnownError))
    plugin = SimpleNamespace(Executor=Executor, kubernetes=SimpleNamespace(config=config))
    monkeypatch.setitem(sys.modules, PLUGIN, plugin)
    for _ in range(2):
        tell_missing_cluster()
    with pytest.raises(WorkflowError, match=r"no cluster .* \(Service host/port is not set\.\); set KUBECONFIG"):
        Executor().__post_init__()
    monkeypatch.setattr(Executor, "known", True)
    Executor().__post_init__()
