"""As much of the API of Kubernetes as the executor plugin asks for; pods are processes on this machine."""

import base64
import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml
from object_storage import PACKAGES

NAMESPACE = "science"


class Api(ThreadingHTTPServer):
    """A cluster of one machine.

    Attributes
    ----------
    jobs : dict
        Name → what was submitted.
    """

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), Request)
        self.folder, self.jobs, self.secrets = folder, {}, {}
        self._pods: dict[str, subprocess.Popen] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def kubeconfig(self) -> Path:
        """A file that leads clients here."""
        here = {"server": f"http://127.0.0.1:{self.server_address[1]}"}
        context = {"cluster": "here", "user": "me", "namespace": NAMESPACE}
        path = self.folder / "kubeconfig"
        path.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": here}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": "here", "context": context}],
        }))  # fmt: skip
        return path

    def container(self, name: str) -> dict:
        (container,) = self.jobs[name]["spec"]["template"]["spec"]["containers"]
        return container

    def start(self, name: str) -> None:
        """Run a pod in a folder of its own, with no more of our environment than where programs are."""
        container, place = self.container(name), self.folder / name
        place.mkdir()
        secret = {key: base64.b64decode(value).decode() for key, value in self.secrets["data"].items()}
        told = {entry["name"]: secret[entry["valueFrom"]["secretKeyRef"]["key"]] for entry in container["env"]}
        with open(place / "pod.log", "w") as log:
            self._pods[name] = subprocess.Popen(
                [*container["command"], *container["args"]],
                cwd=place, stdout=log, stderr=log, env=told | {"PATH": f"{_programs(self.folder)}:{os.environ['PATH']}"},
            )  # fmt: skip

    def status(self, name: str) -> dict:
        ended = self._pods[name].poll()
        return {} if ended is None else {"succeeded": 1} if ended == 0 else {"failed": 1}

    def close(self) -> None:
        for pod in self._pods.values():
            pod.kill()
            pod.wait()
        self.shutdown()
        self.server_close()


def _programs(folder: Path) -> Path:
    """`pip`, by which the plugin has each pod install the storage plugin (`--target FOLDER`): they are here already."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "pip").write_text(f'#!/bin/sh\nmkdir -p "$(dirname "$3")" && ln -s {PACKAGES} "$3"\n')
    (programs / "pip").chmod(0o755)
    return programs


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == f"/api/v1/namespaces/{NAMESPACE}/secrets":
            self.server.secrets = body
        elif self.path == f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs":
            self.server.jobs[body["metadata"]["name"]] = body
            self.server.start(body["metadata"]["name"])
        self._answer(body, 201)

    def do_GET(self) -> None:
        path, _, _ = self.path.partition("?")
        if path.startswith(f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/"):
            self._answer({"status": self.server.status(path.split("/")[-2])})
        else:
            self._answer({"items": []})

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer({"status": "Success"})

    def _answer(self, body: dict, status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def kubernetes(folder: Path) -> Iterator[Api]:
    api = Api(folder)
    try:
        yield api
    finally:
        api.close()
