"""Weights that others have published, and checksums. Known without torch, so that a configuration can be checked."""

import hashlib
from typing import NamedTuple

from repgeom.errors import InputError


class Checksum(NamedTuple):
    """What a true copy of a file hashes to: `algorithm` is md5 or sha256, `digest` hexadecimal."""

    algorithm: str
    digest: str

    def check(self, content: bytes, name: object) -> None:
        """Raise `InputError`, naming the file, unless `content` has this checksum."""
        found = hashlib.new(self.algorithm, content, usedforsecurity=False).hexdigest()
        if found != self.digest.lower():
            raise InputError(
                f"{name}: its {self.algorithm} is {found}, not {self.digest}; it is another file or a damaged "
                "copy. It was not read; get it again, or correct the checksum in the configuration"
            )


class KnownFile(NamedTuple):
    """Weights that someone published; `md5` is None where none was stated with them."""

    url: str
    md5: str | None
    architecture: str


# Neuromatch NeuroAI, W1D3 (the first three: whole modules of class `__main__.Net`), and the networks of
# Thorat, Aldegheri & Kietzmann 2021 (state dicts).
KNOWN_FILES = {
    "standard_model.pth": KnownFile("https://osf.io/s5rt6/download", "2e63c2cd77bc9f1fa67673d956ec910d", "lenet"),
    "adversarial_model.pth": KnownFile("https://osf.io/qv5eb/download", "25fb34497377921b54368317f68a7aa7", "lenet"),
    "recurrent_model.pth": KnownFile("https://osf.io/6hnwk/download", "ee5cea3baa264cb78300102fa6ed66e8", "recurrent"),
    "thorat2021_wxmkv": KnownFile("https://osf.io/wxmkv/download", None, "rcnn"),
    "thorat2021_98tgk": KnownFile("https://osf.io/98tgk/download", None, "rcnn"),
}


def known_file(url: str | None) -> KnownFile | None:
    """What is known about the file at an address; None where it is not among the known ones."""
    return next((known for known in KNOWN_FILES.values() if known.url == url), None)
