"""A server for S3 on loopback, and a line to it that can be cut; both end with the test.

Its packages and the plugins lie aside (`make setup`), so that no other start of snakemake loads them.
"""

import contextlib
import ctypes
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import ROOT

PACKAGES = Path(sys.prefix) / "storage"
sys.path.append(str(PACKAGES))
boto3 = pytest.importorskip("boto3", reason=f"nothing for object storage in {PACKAGES}; run `make workflow`")

BUCKET = "bucket"
PATIENCE_S = 120
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Storage:
    """The server, as snakemake (`environment`) and a test see it."""

    def __init__(self, port: int):
        self.line = Line(("127.0.0.1", port))
        self.environment = {
            "PYTHONPATH": f"{PACKAGES}{os.pathsep}{ROOT}",
            "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": f"http://127.0.0.1:{self.line.server_address[1]}",
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "somebody",
            "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "secret",
        }
        self._client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="somebody",
            aws_secret_access_key="secret",
        )

    def objects(self, prefix: str) -> dict[str, bytes]:
        """Content of every object below a prefix, by the rest of its key."""
        found = self._client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {entry["Key"].removeprefix(prefix): self.read(entry["Key"]) for entry in found}

    def read(self, key: str) -> bytes:
        return self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def damage(self, key: str) -> None:
        """Change one byte of an object, and nothing of what it says about itself."""
        content, about = bytearray(self.read(key)), self._client.head_object(Bucket=BUCKET, Key=key)["Metadata"]
        content[len(content) // 2] ^= 255
        self._client.put_object(Bucket=BUCKET, Key=key, Body=bytes(content), Metadata=about)

    def remove(self, key: str) -> None:
        self._client.delete_object(Bucket=BUCKET, Key=key)


class Line(socketserver.ThreadingTCPServer):
    """Passes on what a client says to the server, until an upload is to be cut or held.

    Attributes
    ----------
    cut, hold : bytes or None
        What the first line of the request says whose body is passed on in part: then the line breaks, or goes dead.
    reached : Event
        Set once that has happened.
    """

    daemon_threads = True

    def __init__(self, upstream: tuple[str, int]):
        super().__init__(("127.0.0.1", 0), Connection)
        self.upstream, self.reached = upstream, threading.Event()
        self.cut: bytes | None = None
        self.hold: bytes | None = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A client that was killed is no fault of ours."""


class Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with socket.create_connection(self.server.upstream) as upstream:
            answers = threading.Thread(target=self._answer, args=(upstream,), daemon=True)
            answers.start()
            with contextlib.suppress(OSError):
                self._pass_on(upstream)
            upstream.shutdown(socket.SHUT_RDWR)
            answers.join()

    def _pass_on(self, upstream: socket.socket) -> None:
        ours = False
        while data := self.request.recv(1 << 14):
            head, ended, body = data.partition(b"\r\n\r\n")
            if head.startswith(b"PUT "):
                first = head.partition(b"\r\n")[0]
                ours = any(key and key in first for key in (self.server.cut, self.server.hold))
                if ours and not body:
                    upstream.sendall(data)
                    continue
            if ours:
                upstream.sendall(head + ended + body[: len(body) // 2] if body else data[: len(data) // 2])
                self.server.reached.set()
                while self.server.hold:
                    time.sleep(0.05)
                return
            upstream.sendall(data)

    def _answer(self, upstream: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := upstream.recv(1 << 16):
                self.request.sendall(data)
            self.request.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def object_storage() -> Iterator[Storage]:
    """A server that forgets everything at the end."""
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
        preexec_fn=lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
    )
    try:
        _wait_for(port)
        storage = Storage(port)
        try:
            yield storage
        finally:
            storage.line.hold = None
            storage.line.shutdown()
            storage.line.server_close()
    finally:
        server.kill()
        server.wait()


def kill(process: subprocess.Popen) -> None:
    """Kill a process and all of its children at once, so that nothing can be cleaned up."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
