"""What a run on Kubernetes needs beyond the executor plugin."""

import functools
import sys
from collections.abc import Callable

from snakemake.exceptions import WorkflowError

PLUGIN = "snakemake_executor_plugin_kubernetes"


def tell_missing_cluster() -> None:
    """Make the executor plugin say in one sentence that it finds no cluster.

    To be called before jobs are submitted; does nothing where snakemake has not loaded the plugin.
    """
    plugin = sys.modules.get(PLUGIN)
    if plugin and not hasattr(plugin.Executor.__post_init__, "__wrapped__"):
        unknown = plugin.kubernetes.config.config_exception.ConfigException
        plugin.Executor.__post_init__ = _telling(plugin.Executor.__post_init__, unknown)


def _telling(connect: Callable, unknown: type[Exception]) -> Callable:
    @functools.wraps(connect)
    def connected(executor) -> None:
        try:
            connect(executor)
        except unknown as error:
            raise WorkflowError(
                f"no cluster of Kubernetes is known here ({error}); set KUBECONFIG, or have `kubectl` find one"
            ) from error

    return connected
