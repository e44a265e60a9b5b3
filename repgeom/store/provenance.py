"""What made an artifact: configuration, code, inputs, versions, device."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

CHUNK_BYTES = 1 << 22


@dataclass(frozen=True)
class Provenance:
    """Where an artifact comes from. Written into every artifact, as JSON.

    It holds no time of day: the same configuration, code and inputs give the same bytes. When an
    artifact was made is its file's modification time.
    """

    rule: str
    wildcards: dict = field(default_factory=dict)
    config: dict = field(default_factory=dict)
    fingerprint: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    device: str = "cpu"
    threads: int = 1

    def to_json(self) -> str:
        """One line of JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, default=str)

    @classmethod
    def from_json(cls, text: str) -> "Provenance":
        """Read back what `to_json` wrote."""
        return cls(**json.loads(text))


NOTEBOOK = Provenance(rule="(made outside the workflow)")


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
