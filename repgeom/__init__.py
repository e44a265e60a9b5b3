"""Representational geometry of neural networks: a Snakemake workflow with a precomputed artifact store."""

from types import ModuleType


def __getattr__(name: str) -> object:
    """`repgeom.open`, imported only where it is asked for: no script depends on what notebooks need."""
    if name == "open":
        return _notebook().Results
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _notebook() -> ModuleType:
    import importlib

    return importlib.import_module(__name__ + ".notebook")
