"""How large what a configuration asks for may be, and what may stand in a label: told before anything is planned."""

from collections.abc import Iterator

from repgeom.labels import label_fault

LARGEST = 1_000_000_000
LONGEST_LIST = 10_000
LONGEST_TEXT = 10_000
LIMITS = {
    "batch_size": 1_000_000,
    "branches": 64,
    "canvas_size": 4096,
    "columns": 1000,
    "conic_draws": 1_000_000,
    "dichotomies": 1_000_000,
    "draws": 1_000_000,
    "epochs": 1_000_000,
    "epsilon": 1000,
    "features": 10_000_000,
    "folds": 10_000,
    "hidden": 100_000,
    "levels": 16,
    "n_candidates": 1000,
    "n_objects": 1000,
    "repetitions": 10_000,
    "size": 4096,
    "starts": 10_000,
    "steps": 10_000_000,
    "test_per_class": 100_000,
    "threads": 1024,
    "train_per_class": 100_000,
}
"""Key → the largest number that may stand there, and the most numbers in a list; `LARGEST` and `LONGEST_LIST` else."""
SHOWN = ("label", "title")
"""Keys of text that figures show."""
LONGEST_SHOWN = 100


def bound_faults(value: object, path: str = "", key: str = "") -> Iterator[str]:
    """A fault for each number, list and text that is larger than anything that makes sense."""
    if isinstance(value, dict):
        for name, part in value.items():
            if len(str(name)) > LONGEST_SHOWN:
                yield f"{path}.{name}: a name of {len(str(name))} letters; at most {LONGEST_SHOWN}"
            yield from bound_faults(part, f"{path}.{name}".lstrip("."), str(name))
    elif isinstance(value, list):
        limit = min(LIMITS.get(key, LONGEST_LIST), LONGEST_LIST)
        if len(value) > limit:
            yield f"{path}: a list of {len(value)}; at most {limit}"
            return
        for i, part in enumerate(value):
            yield from bound_faults(part, f"{path}.{i}", key)
    elif isinstance(value, int | float) and abs(value) > (limit := LIMITS.get(key, LARGEST)):
        yield f"{path}: {value} is out of range; at most {limit}"
    elif isinstance(value, str):
        yield from _text_faults(value, path, key)


def _text_faults(text: str, path: str, key: str) -> Iterator[str]:
    limit = LONGEST_SHOWN if key in SHOWN else LONGEST_TEXT
    if len(text) > limit:
        yield f"{path}: {len(text)} letters; at most {limit}"
    elif key in SHOWN:
        yield from _label_faults(text, path)


def _label_faults(text: str, path: str) -> Iterator[str]:
    if text.startswith("_"):
        yield f"{path}: {text!r} begins with an underscore, and legends leave such labels out; begin with a letter"
    elif fault := label_fault(text):
        yield f"{path}: {fault}"
