"""Downloads from a server on loopback that answers well, short, wrong, slowly or not at all."""

import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import repgeom.datasets.download as download_module
from repgeom.datasets.download import BadCopyError, NotDeliveredError, Patience, download
from repgeom.errors import InputError

GOOD = gzip.compress(bytes(range(256)) * 400, mtime=0)
HTML = b"<!DOCTYPE html><html><body>Please sign in to the network</body></html>"
HASTY = Patience(silence=0.3, total=0.6)
CALM = Patience(silence=3.0, total=4.0)
"""For a good server on a busy machine, after a bad one."""


class Mirror(BaseHTTPRequestHandler):
    """Behaves as the path asks: ``/short``, ``/html``, …"""

    def do_GET(self):
        self.server.requests.append(self.path)
        getattr(self, "answer_" + self.path.split("/")[1])()

    def send(self, body, length=None, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self):
        self.send(GOOD)

    def answer_unmeasured(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(GOOD)

    def answer_short(self):
        self.send(GOOD[: len(GOOD) // 2], length=len(GOOD))

    def answer_cut(self):
        self.send(GOOD[: len(GOOD) // 2])

    def answer_empty(self):
        self.send(b"")

    def answer_wrong(self):
        self.send(gzip.compress(b"something else"))

    def answer_html(self):
        self.send(HTML)

    def answer_missing(self):
        self.send(b"not here", status=404)

    def answer_moved(self):
        self.send_response(302)
        self.send_header("Location", "/good/file.gz")
        self.end_headers()

    def answer_wordy(self):
        """A redirection with a page that never ends."""
        self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /good/file.gz\r\n\r\n")
        with suppress(OSError):
            while not self.server.closing.is_set():
                self.wfile.write(bytes(1 << 16))

    def answer_hangup(self):
        self.connection.shutdown(socket.SHUT_RDWR)

    def answer_gibberish(self):
        self.wfile.write(b"\x00\x01\x02 what?\r\n\r\n")

    def answer_silent(self):
        self.server.closing.wait(20)

    def answer_stall(self):
        self.send(GOOD[:100], length=len(GOOD))
        self.server.closing.wait(20)

    def answer_trickle(self):
        self.send(b"", length=len(GOOD))
        for byte in GOOD:
            self.wfile.write(bytes([byte]))
            if self.server.closing.wait(0.02):
                return

    def drip(self, content):
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.closing.wait(0.02):
                return

    def answer_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.drip(b"X-Padding: " + b"x" * 1000)

    def answer_extension(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        self.drip(b"x" * 1000)

    def answer_trailers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        self.drip(b"x: y\r\n" * 200)

    def redirect(self, address):
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def answer_elsewhere(self):
        self.redirect("ftp://127.0.0.1/file.gz")

    def answer_local(self):
        self.redirect("file:///etc/passwd")

    def answer_nowhere(self):
        self.redirect("http://[bad/file.gz")

    def answer_shouting(self):
        self.wfile.write(b"HTTP/1.1 500 \x1b[2Jhacked " + b"x" * 60_000 + b"\r\n\r\n")

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that has had enough hangs up; that is what these tests are about."""


@contextmanager
def serving(handler=Mirror):
    """Run a server with `handler`; yields it, with its address in `url`, what was asked of it in `requests`."""
    server = Server(("127.0.0.1", 0), handler)
    server.requests, server.closing = [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def mirror(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        yield server


def is_good(path, called):
    """The check that callers of `download` give it."""
    if path.read_bytes() != GOOD:
        raise BadCopyError(f"{called} is not the file")


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


BAD = {
    "short": r"broke off after \d+ of \d+ bytes",
    "cut": "is not the file",
    "empty": "is not the file",
    "wrong": "is not the file",
    "html": "is not the file",
    "missing": "the server answered 404",
    "hangup": "closed connection without response",
    "gibberish": "BadStatusLine",
    "silent": "no answer for 0.3 s",
    "stall": "no answer for 0.3 s",
    "trickle": "not complete after 0.6 s",
    # what failed before, or went on for ever
    "headers": "not complete after 0.6 s",
    "extension": "not complete after 0.6 s",
    "trailers": "not complete after 0.6 s",
    "elsewhere": "redirected to ftp://127.0.0.1/file.gz, which is neither http nor https",
    "local": "Redirection to url 'file:///etc/passwd' is not allowed",
    "nowhere": "Invalid IPv6 URL",
    "shouting": r"the server answered 500  \[2Jhacked x{180,200}$",
}


@pytest.mark.parametrize("answer", ["good", "unmeasured", "moved", "wordy"])
def test_a_good_copy_arrives_whole(mirror, tmp_path, answer):
    target = tmp_path / "new" / "folder" / "file.gz"
    url = f"{mirror.url}/{answer}/file.gz"
    assert download([url], target, is_good) == url
    assert target.read_bytes() == GOOD
    assert os.listdir(target.parent) == ["file.gz"]


@pytest.mark.parametrize("answer", BAD)
def test_a_bad_copy_is_refused_by_name_and_nothing_is_left(mirror, tmp_path, answer):
    url = f"{mirror.url}/{answer}/file.gz"
    with pytest.raises(InputError, match=BAD[answer]) as refusal:
        download([url], tmp_path / "file.gz", is_good, HASTY)
    assert url in str(refusal.value) and str(tmp_path / "file.gz") in str(refusal.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("answer", [a for a in BAD if a == "silent" or not re.search("no answer|not complete", BAD[a])])
def test_the_next_mirror_is_asked_then(mirror, tmp_path, answer):
    urls = [f"{mirror.url}/{answer}/file.gz", f"{mirror.url}/good/file.gz", f"{mirror.url}/wrong/file.gz"]
    assert download(urls, tmp_path / "file.gz", is_good, CALM) == urls[1]
    assert (tmp_path / "file.gz").read_bytes() == GOOD
    assert mirror.requests == [f"/{answer}/file.gz", "/good/file.gz"]  # and no mirror after a good one


def test_a_server_that_is_not_there_is_passed_over(mirror, tmp_path):
    urls = [f"http://127.0.0.1:{closed_port()}/file.gz", f"{mirror.url}/good/file.gz"]
    assert download(urls, tmp_path / "file.gz", is_good, CALM) == urls[1]


def test_every_refusal_is_told(mirror, tmp_path):
    urls = [f"http://127.0.0.1:{closed_port()}/file.gz", f"{mirror.url}/missing/file.gz", f"{mirror.url}/cut/file.gz"]
    with pytest.raises(NotDeliveredError, match="refused"):
        download(urls[:1], tmp_path / "file.gz", is_good, HASTY)
    with pytest.raises(InputError) as refusal:
        download(urls, tmp_path / "file.gz", is_good, HASTY)
    assert not isinstance(refusal.value, NotDeliveredError)
    first, *lines = str(refusal.value).splitlines()
    assert "from any of 3 mirrors" in first
    assert [url in line for url, line in zip(urls, lines, strict=True)] == [True] * 3
    assert "refused" in lines[0] and "404" in lines[1] and "is not the file" in lines[2]


def test_the_time_limits_hold(mirror, tmp_path):
    start = time.monotonic()
    urls = [f"{mirror.url}/{answer}/file.gz" for answer in ("silent", "stall", "trickle")]
    with pytest.raises(InputError):
        download(urls, tmp_path / "file.gz", is_good, HASTY)
    assert time.monotonic() - start < 5  # 1.2 s, and room for a busy machine


def test_an_endless_file_is_cut_off(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(download_module, "MAX_BYTES", len(GOOD) - 1)
    with pytest.raises(InputError, match="longer than"):
        download([f"{mirror.url}/unmeasured/file.gz"], tmp_path / "file.gz", is_good)
    assert os.listdir(tmp_path) == []


def test_an_old_file_stays_until_a_good_copy_is_there(mirror, tmp_path):
    target = tmp_path / "file.gz"
    target.write_bytes(b"old")
    with pytest.raises(InputError):
        download([f"{mirror.url}/wrong/file.gz"], target, is_good)
    assert target.read_bytes() == b"old"
    download([f"{mirror.url}/good/file.gz"], target, is_good)
    assert target.read_bytes() == GOOD


def test_a_folder_that_cannot_be_written_is_not_blamed_on_the_mirrors(mirror, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot write .*file\.gz"):
        download([f"{mirror.url}/good/file.gz"] * 2, tmp_path / "file" / "file.gz", is_good)


def fetch_in_another_process(url, target):
    program = (
        "import sys; from repgeom.datasets.download import download; "
        "download([sys.argv[1]], sys.argv[2], check=lambda path, called: None)"
    )
    return subprocess.Popen([sys.executable, "-c", program, url, str(target)], stderr=subprocess.DEVNULL)


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_download_leaves_nothing_that_looks_finished(mirror, tmp_path):
    target = tmp_path / "file.gz"
    process = fetch_in_another_process(f"{mirror.url}/stall/file.gz", target)
    wait_until(lambda: os.listdir(tmp_path) and mirror.requests)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()
    download([f"{mirror.url}/good/file.gz"], target, is_good)
    assert target.read_bytes() == GOOD


def test_processes_may_fetch_the_same_file_at_once(tmp_path, monkeypatch):
    """No copy is sent whole before every process has part of one: all of them write at the same time."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    together = threading.Barrier(3, timeout=20)

    class Simultaneous(Mirror):
        def answer_good(self):
            self.send(GOOD[:500], length=len(GOOD))
            together.wait()
            self.wfile.write(GOOD[500:])

    target = tmp_path / "file.gz"
    with serving(Simultaneous) as server:
        processes = [fetch_in_another_process(f"{server.url}/good/file.gz", target) for _ in range(3)]
        assert [process.wait(30) for process in processes] == [0, 0, 0]
    assert target.read_bytes() == GOOD
    assert os.listdir(tmp_path) == ["file.gz"]


def test_progress_shows_on_a_terminal(mirror, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    download([f"{mirror.url}/good/train-images.gz"], tmp_path / "file.gz", is_good)
    assert "train-images.gz: 100%" in capsys.readouterr().err


def test_no_progress_in_a_log(mirror, tmp_path, capsys):
    download([f"{mirror.url}/good/train-images.gz"], Path(tmp_path, "file.gz"), is_good)
    assert capsys.readouterr().err == ""
