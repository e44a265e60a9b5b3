"""Fetching one file from the first mirror that delivers a good copy of it."""

import http.client
import io
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from repgeom.errors import InputError, printable
from repgeom.store.atomic import atomic_path

MAX_BYTES = 64 * 2**20  # more than any images that this project fetches
CHUNK = 2**16
HEADERS = {"User-Agent": "repgeom"}  # some servers turn urllib's own name away
MAX_TOLD = 200
"""Letters of what a server says."""

log = logging.getLogger(__name__)


class BadCopyError(InputError):
    """One copy of a file cannot be used; another might."""


class NotDeliveredError(BadCopyError):
    """No copy has come, good or bad; the same address may deliver one another time."""


@dataclass(frozen=True)
class Patience:
    """How long one mirror may take over one file before the next is asked."""

    silence: float = 20.0
    """seconds without a byte, connecting included"""
    total: float = 900.0
    """seconds for the whole answer, whatever part of it the server draws out"""


def download(
    urls: Sequence[str],
    target: str | Path,
    check: Callable[[Path, str], object],
    patience: Patience = Patience(),
    max_bytes: int | None = None,
) -> str:
    """Fetch `target` from the first of `urls` that delivers a good copy, and return that URL.

    A copy is received beside `target`, checked, and only then renamed: what stands at `target` has passed
    the check, whatever interrupts the download and however many processes fetch the same file.

    Parameters
    ----------
    urls
        Addresses of copies of one file, tried in order.
    target
        Where the file goes. Its folder is made if need be.
    check
        Called with a received file and its URL; raises `BadCopyError`, naming the URL, to refuse it.
    patience
        Time limits.
    max_bytes
        A longer file is refused; `MAX_BYTES` if not given.

    Raises
    ------
    InputError
        If no mirror delivered a good copy (one line for each of them), or the file cannot be written;
        `NotDeliveredError` where none delivered any.
    """
    refusals, may_come = [], True
    for url in urls:
        try:
            _fetch(url, Path(target), check, patience, max_bytes or MAX_BYTES)
        except BadCopyError as refusal:
            log.warning("%s", refusal)
            refusals.append(f"  {refusal}")
            may_come = may_come and isinstance(refusal, NotDeliveredError)
        else:
            log.info("fetched %s from %s", target, url)
            return url
    told = [f"{target} could not be downloaded from any of {len(urls)} mirrors:", *refusals]
    raise (NotDeliveredError if may_come else InputError)("\n".join(told))


def _fetch(url: str, target: Path, check: Callable[[Path, str], object], patience: Patience, max_bytes: int) -> None:
    with atomic_path(target) as partial:
        with open(partial, "wb") as file:
            for chunk in _chunks(url, patience, max_bytes):
                file.write(chunk)
        check(partial, url)


def _chunks(url: str, patience: Patience, max_bytes: int) -> Iterator[bytes]:
    """Yield the body of `url` piece by piece; whatever goes wrong on the way is a `BadCopyError`."""
    deadline = time.monotonic() + patience.total
    try:
        request = urllib.request.Request(url, headers=HEADERS)
        with _opener(deadline, patience).open(request, timeout=patience.silence) as response:
            yield from _body(response, url, max_bytes)
    except urllib.error.HTTPError as error:
        raise BadCopyError(f"{url}: the server answered {error.code} {_plain(error.reason)}") from error
    except TooSlowError as error:
        raise NotDeliveredError(f"{url}: not complete after {patience.total:g} s") from error
    except TimeoutError as error:
        raise NotDeliveredError(f"{url}: no answer for {patience.silence:g} s") from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: an address that is none
        raise NotDeliveredError(f"{url}: {_plain(getattr(error, 'reason', None) or repr(error))}") from error


def _plain(text: object) -> str:
    """What a server says, without what a terminal could take for commands, and no longer than a line."""
    return printable(text)[:MAX_TOLD]


class TooSlowError(Exception):
    """The whole answer has taken too long."""


class _UntilDeadline(io.RawIOBase):
    """What comes from a server, up to a moment: headers, sizes of chunks and trailers included."""

    def __init__(self, raw: io.RawIOBase, deadline: float):
        self._raw, self._deadline = raw, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        if time.monotonic() > self._deadline:
            raise TooSlowError
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _SameKindOfAddress(urllib.request.HTTPRedirectHandler):
    """Follows redirections to http and https only, and reads nothing else that comes with them: it may never end."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        fp.close()
        if not newurl.startswith(("http://", "https://")):
            raise urllib.error.URLError(f"redirected to {newurl}, which is neither http nor https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(deadline: float, patience: Patience) -> urllib.request.OpenerDirector:
    """Opens addresses of http and https; what it opens reads until `deadline`, and no byte later than `silence`."""

    class Response(http.client.HTTPResponse):
        def __init__(self, sock, *arguments, **options):
            super().__init__(sock, *arguments, **options)
            sock.settimeout(min(patience.silence, max(deadline - time.monotonic(), 0.001)))
            self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), deadline))

    class Connection(http.client.HTTPConnection):
        response_class = Response

    class SecureConnection(http.client.HTTPSConnection):
        response_class = Response

    class Handler(urllib.request.HTTPHandler):
        def http_open(self, req):
            return self.do_open(Connection, req)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, req):
            return self.do_open(SecureConnection, req)

    return urllib.request.build_opener(Handler, SecureHandler, _SameKindOfAddress)


def _body(response: http.client.HTTPResponse, url: str, max_bytes: int) -> Iterator[bytes]:
    expected, received = response.length, 0
    with tqdm(desc=PurePosixPath(url).name, total=expected, unit="B", unit_scale=True, disable=None) as bar:
        # read1 returns what has arrived; read would sit through a trickle until the chunk is full.
        while chunk := response.read1(CHUNK):
            received += len(chunk)
            bar.update(len(chunk))
            if received > max_bytes:
                raise BadCopyError(f"{url}: longer than the {max_bytes} bytes that were to be expected")
            yield chunk
    if expected is not None and received != expected:
        raise BadCopyError(f"{url}: broke off after {received} of {expected} bytes")
