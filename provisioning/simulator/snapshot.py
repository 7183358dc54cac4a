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
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from weakref import WeakValueDictionary

import moto
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
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


def _public_key_from_pem(pem: bytes) -> Any:
    return serialization.load_pem_public_key(pem)


def _certificate_from_pem(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


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


def _reduced_secret(thing: Any) -> Any:
    """How the keys and certificates of `cryptography` are written; None for anything else."""
    pem = serialization.Encoding.PEM
    if isinstance(thing, x509.Certificate):
        return _certificate_from_pem, (thing.public_bytes(pem),)
    if isinstance(thing, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        plain = serialization.NoEncryption()
        return _key_from_pem, (thing.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),)
    if isinstance(thing, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return _public_key_from_pem, (thing.public_bytes(pem, form),)
    return None


def _empty_defaultdict(kind: type[defaultdict[Any, Any]], factory: Any) -> defaultdict[Any, Any]:
    made = kind.__new__(kind)
    defaultdict.__init__(made, factory)
    return made


def _reduced_mapping(thing: Any) -> Any:
    """How mappings are written that pickle cannot make anew; None for anything else."""
    if isinstance(thing, WeakValueDictionary):
        return WeakValueDictionary, (), None, None, iter(list(thing.items()))
    if isinstance(thing, defaultdict) and type(thing) is not defaultdict:
        # pickle would call the subclass with one argument, whatever it takes.
        made = (type(thing), thing.default_factory)
        return _empty_defaultdict, made, thing.__dict__, None, iter(thing.items())
    return None


class _Pickler(pickle.Pickler):
    def reducer_override(self, thing: Any) -> Any:
        """moto holds locks, lambdas and keys, which pickle cannot write by itself."""
        if isinstance(thing, types.FunctionType):
            return _reduced_function(thing)
        if isinstance(thing, _REENTRANT_LOCK):
            return threading.RLock, ()
        if isinstance(thing, _LOCK):
            return threading.Lock, ()
        if isinstance(thing, types.GeneratorType):
            # A page of a listing that was not fetched to its end; its token is void after a restart.
            return iter, ((),)
        return _reduced_mapping(thing) or _reduced_secret(thing) or NotImplemented


#: Module, account, region and state of one service of moto.
_Saved = tuple[str, str, str, Any]


def _dumped(world: World, backends: list[_Saved]) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump((world, backends))
    return buffer.getvalue()


def _can_be_kept(saved: _Saved) -> bool:
    try:
        _dumped(World(), [saved])
    except Exception:
        log.exception("The state of %s in %s cannot be kept over a restart.", saved[0], saved[2])
        return False
    return True


def take(world: World) -> bytes:
    """Everything that the simulated AWS holds; the caller keeps calls out meanwhile.

    A service whose state cannot be written is left out, and logged, rather than costing all the others.
    """
    backends = [
        (type(backend).__module__, account, region, backend)
        for service in BackendDict._instances  # type: ignore[misc]  # moto keeps them on the class
        for account, region, backend in service.iter_backends()
    ]
    try:
        return _dumped(world, backends)
    except Exception:
        log.exception("Not everything can be kept over a restart.")
        return _dumped(world, [saved for saved in backends if _can_be_kept(saved)])


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
    try:
        if versions.decode(errors="replace") != _VERSIONS:
            raise ValueError("it was written by other versions")
        return _put_back(zlib.decompress(content))
    except Exception as error:  # whatever is wrong with it, a portal that does not start is worse
        aside = file.with_suffix(".old")
        file.replace(aside)
        BackendDict.reset()
        log.exception("%s cannot be read (%s); it is kept as %s and AWS starts empty.", file, error, aside)
        return None


def _put_back(content: bytes) -> World:
    world, backends = pickle.loads(content)  # noqa: S301  # our own file, written by `take`
    for module, account, region, backend in backends:
        # get_backend is typed by literal names; the module's name is one of them.
        of_service: Any = get_backend(module.split(".")[1])
        dict.__setitem__(of_service[account], region, backend)
    return cast(World, world)
