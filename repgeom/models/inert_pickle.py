"""Reading a pickle as data: a stack machine that has no way to import a name or to call anything.

A pickle is a program whose opcodes may import any callable and call it. The machine here walks the
opcodes (as `pickletools.genops` decodes them) and builds only `dict`, `list`, `tuple`, numbers and text,
plus three inert records of its own: `StorageRef`, `TensorRef` and `Holder`. A name stays a pair of
strings; "calling" one looks the pair up in `CALLS`, a fixed table of functions of this module, or, where it is one of
`BESIDE_WEIGHTS` or of a user's own, leaves an empty record. Everything else is refused by name.

Meaning of the opcodes: the docstrings of Python's `pickletools`. What PyTorch writes with them:
`torch.serialization` and `torch._utils` (`_rebuild_tensor_v2`, `_rebuild_parameter`).
"""

import math
import pickletools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

MAX_OPCODES = 1_000_000  # a tensor takes about 50, a layer about 100
MAX_COPIED = 1_000_000
"""Items of containers that are copied into others, all together: each of few instructions may copy a long one."""
MAX_DIMENSIONS = 16
LARGEST_KEY = 1 << 31
"""Larger integers as keys of a dictionary could be chosen so that all collide."""

STORAGE_DTYPES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


BESIDE_WEIGHTS = {
    "argparse": "Namespace",
    "types": "SimpleNamespace",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "pathlib._local": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "collections": "Counter defaultdict deque",
    "datetime": "date datetime time timedelta timezone",
    "typing": "Any",
    "builtins": "bool bytes complex dict float int list object str tuple",
    "__builtin__": "bool bytes complex dict float int list long object str tuple unicode",
    "_codecs": "encode",
    "numpy": "dtype ndarray",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.multiarray": "_reconstruct scalar",
}
"""Module → names in it of what training loops keep beside weights: options, paths, dates, scores, random states."""


class RefusedPickleError(ValueError):
    """The pickle asks for something that weights do not need, or is damaged."""


class Name(NamedTuple):
    """A name that a pickle refers to; never imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class StorageRef(NamedTuple):
    """A flat run of numbers that lies outside the pickle, under `key` in the same file."""

    key: str
    dtype: str
    numel: int


class TensorRef(NamedTuple):
    """A strided view of a storage; offset and strides in elements, checked to lie inside it."""

    storage: StorageRef
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(eq=False)
class Holder:
    """An object of any class, reduced to its attributes."""

    of: Name
    attributes: dict = field(default_factory=dict)


class InertUnpickler:
    """Reads one pickle from a stream and leaves the stream behind its last opcode.

    After `load`, `storages` has every storage that the pickle refers to, by key.
    """

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self._stack: list = []
        self._marked: list[list] = []
        self._memo: dict[int, object] = {}
        self._copied = 0
        self.storages: dict[str, StorageRef] = {}

    def load(self) -> object:
        """The object that the pickle describes.

        Raises
        ------
        RefusedPickleError
            The pickle names, calls or contains anything beyond weights, or is damaged.
        """
        try:
            for count, (opcode, argument, _) in enumerate(pickletools.genops(self._stream)):
                if count > MAX_OPCODES:
                    raise RefusedPickleError(f"more than {MAX_OPCODES} instructions")
                self._execute(opcode.name, argument)
        except RefusedPickleError:
            raise
        except (ValueError, OverflowError, MemoryError) as error:  # from the decoding of the opcodes
            raise RefusedPickleError(f"not a complete pickle ({_shorten(error)})") from error
        return self._pop()

    def _execute(self, opcode: str, argument: object) -> None:
        if opcode in _LITERALS:
            self._stack.append(argument)
        elif opcode in _FRESH:
            self._stack.append(_FRESH[opcode]())
        elif opcode in _OPCODES:
            _OPCODES[opcode](self, argument)
        elif opcode not in _IGNORED:
            raise RefusedPickleError(f"instruction {opcode}, which weights do not need")

    # -- the stack

    def _pop(self) -> object:
        if not self._stack:
            raise RefusedPickleError("not a complete pickle (nothing on the stack)")
        return self._stack.pop()

    def _peek(self, kind: type) -> object:
        if not self._stack or not isinstance(self._stack[-1], kind):
            raise RefusedPickleError(f"damaged: expected a {kind.__name__}")
        return self._stack[-1]

    def _mark(self, _: object) -> None:
        self._marked.append(self._stack)
        self._stack = []

    def _pop_mark(self) -> list:
        if not self._marked:
            raise RefusedPickleError("damaged: a mark is missing")
        items, self._stack = self._stack, self._marked.pop()
        return items

    def _put(self, index: int) -> None:
        self._memo[index] = self._peek(object)

    def _memoize(self, _: object) -> None:
        self._put(len(self._memo))

    def _get(self, index: int) -> None:
        if index not in self._memo:
            raise RefusedPickleError(f"damaged: refers to object {index}, which it does not hold")
        self._stack.append(self._memo[index])

    # -- containers

    def _tuple(self, n_items: int) -> None:
        items = [self._pop() for _ in range(n_items)]
        self._stack.append(tuple(reversed(items)))

    def _tuple_from_mark(self, _: object) -> None:
        items = self._pop_mark()
        self._stack.append(tuple(items))

    def _append(self, _: object) -> None:
        item = self._pop()
        self._list().append(item)

    def _extend(self, _: object) -> None:
        items = self._pop_mark()
        self._list().extend(items)

    def _list(self) -> list:
        """The list on the stack; what is in a container of another kind is let go."""
        return [] if self._stack and isinstance(self._stack[-1], Holder) else self._peek(list)

    def _set_item(self, _: object) -> None:
        value, key = self._pop(), self._pop()
        _fill(self._dictionary(), [(key, value)])

    def _set_items(self, _: object) -> None:
        items = self._pop_mark()
        if len(items) % 2:
            raise RefusedPickleError("damaged: a key without a value")
        _fill(self._dictionary(), list(zip(items[::2], items[1::2], strict=True)))

    def _dictionary(self) -> dict:
        """The dictionary on the stack; what a class of the user's own that derives from one holds is let go."""
        return {} if self._stack and isinstance(self._stack[-1], Holder) else self._peek(dict)

    # -- names, and what would be calls in an ordinary unpickler

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._stack.append(_accepted(Name(module, name)))

    def _stack_global(self, _: object) -> None:
        name, module = self._pop(), self._pop()
        if not (isinstance(module, str) and isinstance(name, str)):
            raise RefusedPickleError("damaged: a name that is not text")
        self._stack.append(_accepted(Name(module, name)))

    def _reduce(self, _: object) -> None:
        arguments, name = self._pop(), self._pop()
        if isinstance(name, Name) and (name in _BESIDE or _is_own(name)):
            self._stack.append(Holder(name))  # in the place of what the call would give
            return
        if not isinstance(name, Name) or name not in CALLS:
            raise RefusedPickleError(f"would call {name if isinstance(name, Name) else 'an object'}")
        if not isinstance(arguments, tuple):
            raise RefusedPickleError(f"damaged: {name} without arguments")
        self._count_copies(arguments[:1])
        self._stack.append(_call(name, arguments))

    def _count_copies(self, containers: tuple) -> None:
        self._copied += sum(len(found) for found in containers if isinstance(found, list | tuple | dict))
        if self._copied > MAX_COPIED:
            raise RefusedPickleError(f"copies more than {MAX_COPIED} items")

    def _new_object(self, _: object) -> None:
        self._pop()  # the arguments of __new__, which is not called
        self._push_holder()

    def _new_object_with_keywords(self, _: object) -> None:
        self._pop()
        self._new_object(_)

    def _push_holder(self) -> None:
        name = self._pop()
        if not isinstance(name, Name) or not (name in _BESIDE or _is_class(name)):
            raise RefusedPickleError("would make an object of something that is not a class of layers")
        self._stack.append(Holder(name))

    def _build(self, _: object) -> None:
        state, target = self._pop(), self._peek(object)
        if isinstance(target, Holder) and isinstance(state, dict):
            self._count_copies((state,))
            target.attributes.update(state)
        elif not isinstance(target, dict | Holder):  # of a dict, this is the metadata of a state dict
            raise RefusedPickleError("would change the state of something that is not a layer")

    def _persistent(self, _: object) -> None:
        identity = self._pop()
        if not isinstance(identity, tuple) or len(identity) < 2:
            raise RefusedPickleError("damaged: an external reference that is not PyTorch's")
        if identity[0] == "module" and isinstance(identity[1], Name):
            self._stack.append(identity[1])  # a class with its source code, which is left alone
        else:
            self._stack.append(self._storage(identity))

    def _storage(self, identity: tuple) -> StorageRef:
        storage = _storage_ref(identity)
        if self.storages.setdefault(storage.key, storage) != storage:
            raise RefusedPickleError(f"storage {_shorten(storage.key)} is described in two ways")
        return storage


_LITERALS = frozenset(["BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE"])
_FRESH: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_SET": list,
    "EMPTY_TUPLE": tuple,
}
_IGNORED = frozenset(["PROTO", "FRAME", "STOP"])
_OPCODES: dict[str, Callable[[InertUnpickler, object], None]] = {
    "MARK": InertUnpickler._mark,
    "BINPUT": InertUnpickler._put,
    "LONG_BINPUT": InertUnpickler._put,
    "MEMOIZE": InertUnpickler._memoize,
    "BINGET": InertUnpickler._get,
    "LONG_BINGET": InertUnpickler._get,
    "TUPLE": InertUnpickler._tuple_from_mark,
    "TUPLE1": lambda machine, _: machine._tuple(1),
    "TUPLE2": lambda machine, _: machine._tuple(2),
    "TUPLE3": lambda machine, _: machine._tuple(3),
    "APPEND": InertUnpickler._append,
    "APPENDS": InertUnpickler._extend,
    "ADDITEMS": InertUnpickler._extend,
    "SETITEM": InertUnpickler._set_item,
    "SETITEMS": InertUnpickler._set_items,
    "GLOBAL": InertUnpickler._global,
    "STACK_GLOBAL": InertUnpickler._stack_global,
    "REDUCE": InertUnpickler._reduce,
    "NEWOBJ": InertUnpickler._new_object,
    "NEWOBJ_EX": InertUnpickler._new_object_with_keywords,
    "BUILD": InertUnpickler._build,
    "BINPERSID": InertUnpickler._persistent,
}


def _call(name: Name, arguments: tuple) -> object:
    try:
        return CALLS[name](*arguments)
    except TypeError as error:  # a wrong number of arguments; their types are checked by the functions
        raise RefusedPickleError(f"damaged: {name} with {len(arguments)} arguments") from error


def _fill(target: dict, items: list) -> None:
    for key, value in items:
        if not isinstance(key, str | int):  # hashing a deeply nested tuple would exhaust the C stack
            raise RefusedPickleError("a dictionary whose keys are neither text nor integers")
        if isinstance(key, int) and not 0 <= key < LARGEST_KEY:
            raise RefusedPickleError(f"a dictionary with the key {_shorten(str(key))}, which layers do not need")
        target[key] = value


def _accepted(name: Name) -> Name:
    """The name, if it may stand in a file of weights at all."""
    if name in CALLS or name in _VALUES or name in _BESIDE or _is_class(name) or _is_function(name):
        return name
    raise RefusedPickleError(f"names {_shorten(name)}, which weights do not need")


def _is_class(name: Name) -> bool:
    """Whether objects of this class are kept, as inert attributes: layers, and classes of a user's own."""
    return _is_own(name) or (_is_plain(name) and name.module.startswith(("torch.nn.modules.", "torch.optim.")))


def _is_own(name: Name) -> bool:
    """Whether a name is neither Python's, nor PyTorch's, nor NumPy's: what it would give is let go, not what it is."""
    package = name.module.partition(".")[0]
    return (
        package not in sys.stdlib_module_names and package not in ("__builtin__", "torch", "numpy") and _is_plain(name)
    )


def _is_plain(name: Name) -> bool:
    return name.name.isidentifier() and all(part.isidentifier() for part in name.module.split("."))


def _is_function(name: Name) -> bool:
    """An activation function kept as an attribute, such as `self.act = F.relu`."""
    return name.module == "torch.nn.functional" and name.name.isidentifier()


def _storage_ref(identity: tuple) -> StorageRef:
    """('storage', type, key, device, number of elements[, view]) as a reference."""
    kind, storage_type, key, _, numel, *view = (*identity, *[None] * 5)[: max(5, len(identity))]
    if kind != "storage" or not isinstance(storage_type, Name) or storage_type.name not in STORAGE_DTYPES:
        raise RefusedPickleError("damaged: an external reference that is not a storage of numbers")
    if not (isinstance(key, str) and key.isascii() and key.isdigit()):
        raise RefusedPickleError(f"a storage called {_shorten(key)}; PyTorch numbers them")
    if not _is_count(numel) or any(item is not None for item in view):
        raise RefusedPickleError(f"storage {key} does not declare its size as a number of elements")
    return StorageRef(key, STORAGE_DTYPES[storage_type.name], numel)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _tensor(storage: object, offset: object, size: object, stride: object, *_: object) -> TensorRef:
    if not (isinstance(storage, StorageRef) and isinstance(size, tuple) and isinstance(stride, tuple)):
        raise RefusedPickleError("damaged: a tensor without storage, size and strides")
    if not all(map(_is_count, (offset, *size, *stride))) or len(size) != len(stride):
        raise RefusedPickleError("a tensor whose size, strides or offset are not counts")
    if len(size) > MAX_DIMENSIONS:
        raise RefusedPickleError(f"a tensor of {len(size)} dimensions")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if math.prod(size) > storage.numel or (math.prod(size) and last >= storage.numel):
        raise RefusedPickleError(
            f"a tensor of size {size}, strides {stride}, offset {offset} does not fit into its storage "
            f"of {storage.numel} numbers"
        )
    return TensorRef(storage, offset, size, stride)


def _parameter(tensor: object, *_: object) -> TensorRef:
    if not isinstance(tensor, TensorRef):
        raise RefusedPickleError("damaged: a parameter that is not a tensor")
    return tensor


def _ordered_dict(pairs: object = ()) -> dict:
    if not isinstance(pairs, list | tuple) or not all(isinstance(p, tuple) and len(p) == 2 for p in pairs):
        raise RefusedPickleError("damaged: an ordered dictionary that is not made of pairs")
    result: dict = {}
    _fill(result, list(pairs))
    return result


def _items(items: object = ()) -> list:
    return list(items) if isinstance(items, list | tuple) else []


def _device(*_: object) -> None:
    """Where a tensor or layer lived; everything is read onto the CPU."""


def _member(owner: object, name: object) -> Holder:
    """A member of a user's own enumeration, which Python 3.11.0 to 3.11.3 writes as an attribute of its class."""
    if not (isinstance(owner, Name) and _is_own(owner) and isinstance(name, str)):
        raise RefusedPickleError("would look up an attribute of something that is not a class of a user's own")
    return Holder(owner)


CALLS: dict[Name, Callable] = {
    Name("torch._utils", "_rebuild_tensor"): _tensor,
    Name("torch._utils", "_rebuild_tensor_v2"): _tensor,
    Name("torch._utils", "_rebuild_parameter"): _parameter,
    Name("collections", "OrderedDict"): _ordered_dict,
    Name("builtins", "set"): _items,
    Name("__builtin__", "set"): _items,
    Name("builtins", "getattr"): _member,
    Name("__builtin__", "getattr"): _member,
    Name("torch", "Size"): _items,
    Name("torch", "device"): _device,
}
"""What stands in for the functions that PyTorch's own files call."""

_VALUES = frozenset(
    [Name("torch", name) for name in STORAGE_DTYPES] + [Name("torch", dtype) for dtype in STORAGE_DTYPES.values()]
)


_BESIDE = frozenset(Name(module, name) for module, names in BESIDE_WEIGHTS.items() for name in names.split())


def _shorten(value: object) -> str:
    text = str(value) if isinstance(value, str | Name | Exception) else type(value).__name__
    return repr(text[:80])
