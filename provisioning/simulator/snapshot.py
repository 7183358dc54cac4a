"""Keeps the whole simulated AWS in one file, so that it is still there after a restart or a crash."""

import io
import logging
import marshal
import os
import pickle
import sys
import threading
import types
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import moto
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from provisioning.simulator.world import World

log = logging.getLogger(__name__)

FILE_NAME = "aws.state"
_LOCK, _REENTRANT_LOCK = type(threading.Lock()), type(threading.RLock())
#: The file holds objects of these versions; another version starts empty rather than half right.
_VERSIONS = f"1 moto {moto.__version__} python {sys.version_info[0]}.{sys.version_info[1]}"


def _key_from_pem(pem: bytes) -> Any:
    return serialization.load_pem_private_key(pem, password=None)


def _function_from_code(
    module: str, code: bytes, defaults: Any, cells: tuple[Any, ...]
) -> types.FunctionType:
    closure = tuple(types.CellType(content) for content in cells)
    loaded = cast(types.CodeType, marshal.loads(code))  # noqa: S302  # our own file, written by `take`
    return types.FunctionType(loaded, import_module(module).__dict__, loaded.co_name, defaults, closure)


def _reduced_function(function: types.FunctionType) -> Any:
    if "<" not in function.__qualname__:
        return NotImplemented
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    code = marshal.dumps(function.__code__)
    return _function_from_code, (function.__module__, code, function.__defaults__, cells)


class _Pickler(pickle.Pickler):
    def reducer_override(self, thing: Any) -> Any:
        """moto holds locks, lambdas and keys, which pickle cannot write by itself."""
        if isinstance(thing, rsa.RSAPrivateKey):
            pem = thing.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            return _key_from_pem, (pem,)
        if isinstance(thing, types.FunctionType):
            return _reduced_function(thing)
        if isinstance(thing, _REENTRANT_LOCK):
            return threading.RLock, ()
        if isinstance(thing, _LOCK):
            return threading.Lock, ()
        if isinstance(thing, types.GeneratorType):
            # A page of a listing that was not fetched to its end; its token is void after a restart.
            return iter, ((),)
        return NotImplemented


def take(world: World) -> bytes:
    """Everything that the simulated AWS holds; the caller keeps calls out meanwhile."""
    backends = [
        (type(backend).__module__, type(backend).__qualname__, account, region, backend)
        for service in BackendDict._instances  # type: ignore[misc]  # moto keeps them on the class
        for account, region, backend in service.iter_backends()
    ]
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump((world, backends))
    return buffer.getvalue()


def write(file: Path, content: bytes) -> None:
    """Replace the file at once: a crash leaves the old one or the new one, never a half."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with draft.open("wb") as opened:
        opened.write(_VERSIONS.encode() + b"\n" + zlib.compress(content, 1))
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)


def restore(file: Path) -> World | None:
    """Put everything back as `take` saw it; None where nothing was saved, or by other versions."""
    if not file.exists():
        return None
    versions, _, content = file.read_bytes().partition(b"\n")
    if versions.decode(errors="replace") != _VERSIONS:
        aside = file.with_suffix(".old")
        file.replace(aside)
        log.warning("%s was written by other versions; it is kept as %s and AWS starts empty.", file, aside)
        return None
    world, backends = pickle.loads(zlib.decompress(content))  # noqa: S301  # our own file, written by `take`
    for module, _, account, region, backend in backends:
        # get_backend is typed by literal names; the module's name is one of them.
        of_service: Any = get_backend(module.split(".")[1])
        dict.__setitem__(of_service[account], region, backend)
    return cast(World, world)
