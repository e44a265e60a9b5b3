"""Checkpoints of a few megabytes that would fill the memory or never come to an end are refused soon.

Each is read by a process of its own that may use `CPU_S` seconds and `MORE_BYTES` of memory.
"""

import os
import resource
import signal
import struct

import pytest
from test_published_weights_malicious import as_legacy, as_zip, integers, name, pickled, storage, text, zipped

from repgeom.errors import InputError
from repgeom.models.checkpoint import read_checkpoint

CPU_S = 10
MORE_BYTES = 1 << 30
MANY = 100_000
NET = name("__main__", "Net")


def remember(index: int) -> bytes:
    return b"q" + bytes([index])


def recall(index: int) -> bytes:
    return b"h" + bytes([index])


def table(entries: bytes) -> bytes:
    return b"}(" + entries + b"u"


def module(**tables: bytes) -> bytes:
    return NET + b")\x81" + table(b"".join(text(key) + value for key, value in tables.items())) + b"b"


def numbered(n: int, value: bytes) -> bytes:
    return b"".join(text(str(i)) + value for i in range(n))


def long(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(content)]) + content


def copies_of_a_list():
    items = b"](" + b"N" * MANY + b"e" + remember(0)
    return as_legacy(items + name("builtins", "set") + remember(1) + (recall(1) + recall(0) + b"\x85R") * MANY)


def copies_of_a_state():
    attributes = table(numbered(MANY, b"N")) + remember(0)
    return as_legacy(attributes + NET + remember(1) + (recall(1) + b")\x81" + recall(0) + b"b") * MANY)


def colliding_keys():
    return as_legacy(table(b"".join(long(i * (2**61 - 1)) + b"N" for i in range(1, MANY))))


def children_times_parameters():
    child = module(_parameters=table(numbered(MANY // 2, b"N"))) + remember(0)
    return as_legacy(child + module(_modules=table(numbered(9000, recall(0)))))


def prefixes_that_grow():
    key = text("x" * 100_000)
    inner = module() + remember(0)
    for _ in range(50):
        inner = inner + module(_modules=table(key + recall(0))) + remember(0)
    return as_legacy(inner)


def transient_times_buffers():
    names = b"](" + b"".join(text(f"b{i}") for i in range(MANY // 2)) + b"e"
    return as_legacy(module(_buffers=table(numbered(MANY // 2, b"N")), _non_persistent_buffers_set=names))


def views_of_one_storage():
    n, numel = 20_000, 5_000_000
    stored = storage(numel=b"J" + struct.pack("<i", numel)) + remember(0)
    rebuild = name("torch._utils", "_rebuild_tensor_v2") + remember(1)
    view = recall(1) + b"(" + recall(0) + b"K\x00" + integers(1) + integers(1) + b"\x89}tR"
    program = stored + rebuild + table(numbered(n, view))
    return zipped({"a/data.pkl": pickled(program), "a/data/0": bytes(4 * numel)})


REFUSED = {
    copies_of_a_list: "copies more than",
    copies_of_a_state: "copies more than",
    colliding_keys: "which layers do not need",
    children_times_parameters: "nested without end",
    prefixes_that_grow: "nested without end",
    transient_times_buffers: "no weights in it",
}


def outcome(content: bytes) -> str:
    """What a process with limits says of a checkpoint, or how it ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with open("/proc/self/statm") as file:
            limit = int(file.read().split()[0]) * resource.getpagesize() + MORE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        os.write(writer, told(content).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return said or f"ended by {signal.Signals(os.WTERMSIG(status)).name}" if os.WIFSIGNALED(status) else said


def told(content: bytes) -> str:
    try:
        return f"{len(read_checkpoint(content, 'evil.pth'))} tensors"
    except InputError as error:
        return str(error)[:2000]
    except BaseException as error:
        return f"fell over: {type(error).__name__}"


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")
@pytest.mark.parametrize("hostile", REFUSED)
def test_what_would_exhaust_memory_or_time_is_refused(hostile):
    said = outcome(hostile())
    assert REFUSED[hostile] in said


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")
def test_thousands_of_views_of_one_storage_read_it_once():
    assert outcome(views_of_one_storage()) == "20000 tensors"


@pytest.mark.parametrize("transient", [b"K\x01", text("running_mean"), b"](K\x01e", b"}"])
def test_buffers_that_are_not_saved_are_a_set_of_names(transient):
    with pytest.raises(InputError, match=r"_buffers_set of __main__\.Net is not a set of names"):
        read_checkpoint(as_zip(module(_non_persistent_buffers_set=transient)), "evil.pth")
