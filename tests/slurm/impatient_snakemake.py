"""Snakemake, looking at its jobs every two seconds; the executor plugin does so more and more rarely."""

import asyncio
import sys

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor


async def sleep(executor: RemoteExecutor) -> None:
    await asyncio.sleep(2)


if __name__ == "__main__":
    RemoteExecutor.sleep = sleep
    sys.exit(main())
