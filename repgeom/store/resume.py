"""What an interrupted job leaves so that the next one goes on from there.

The file lies beside the artifacts but is none: Snakemake does not know it, deletes it with nothing, and
the job removes it when its artifact is complete. It is tied to the provenance of the job: with
another configuration, code or input it is ignored. Its first bytes are a checksum of the others; a damaged file is
set aside under another name, and the work begins anew.
"""

import hashlib
import io
import logging
import os
from pathlib import Path

import torch

from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import Provenance

log = logging.getLogger("repgeom")


class ResumeFile:
    """The resume file of one artifact.

    Parameters
    ----------
    artifact : path
        What the job makes; the resume file lies in `results/.resume/` under the same name.
    provenance : Provenance
        Of the job.
    """

    def __init__(self, artifact: str | Path, provenance: Provenance):
        artifact = Path(artifact)
        parts = artifact.parts[1:] if artifact.parts[:1] == ("results",) else (artifact.name,)
        root = Path("results") if artifact.parts[:1] == ("results",) else artifact.parent
        self.path = root / ".resume" / Path(*parts).with_name(f"{artifact.name}.resume")
        self._key = provenance.to_json()

    def load(self) -> dict | None:
        """The saved state, or None where there is none that fits and is whole."""
        if not self.path.is_file():
            return None
        content = self.path.read_bytes()
        seal, saved = content[: len(_seal(b""))], content[len(_seal(b"")) :]
        if seal != _seal(saved):
            self._set_aside()
            return None
        try:
            loaded = torch.load(io.BytesIO(saved), weights_only=True, map_location="cpu")
            return loaded["state"] if loaded["key"] == self._key else None
        except Exception:  # of any type: written by another version of torch, say, or made to break it
            return None

    def save(self, state: dict) -> None:
        """Save tensors, numbers, strings, lists and dicts; the previous state stays until this is whole."""
        content = io.BytesIO()  # torch could not close a file on a full disk
        torch.save({"key": self._key, "state": state}, content)
        with atomic_path(self.path) as partial, open(partial, "wb") as file:
            file.write(_seal(content.getbuffer()))
            file.write(content.getbuffer())

    def remove(self) -> None:
        """Remove the file once the artifact is complete."""
        self.path.unlink(missing_ok=True)

    def _set_aside(self) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        os.replace(self.path, aside)
        log.warning("%s: damaged; set aside as %s, and the work begins anew", self.path, aside.name)


def _seal(content: bytes | memoryview) -> bytes:
    return f"repgeom sha256 {hashlib.sha256(content).hexdigest()}\n".encode()
