"""Finds the words of the engine that people read, in the engine's source: it knows no Django and marks no texts.

A sentence with holes (`f"Subnet {key}"`) becomes the text with named ones that gettext knows (`Subnet %(key)s`).
Run by `make messages`; a test keeps the lists of its findings, `engine_words/`, up to date.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import provisioning

ROOT = Path(provisioning.__file__).parent
ASIDE = ("tests", "simulator", "bench")  # folders whose words nobody reads on a page
# Parameters and attributes whose values are words for people.
NAMES = frozenset("title label why hint note reason summary message outage words loses".split())
TABLES = frozenset("_HINTS _WANTED EXCLUDED outage".split())
ERRORS = frozenset(
    "InvalidSpec NameTaken PreflightFailed ProvisioningError ResourceFailed UnresolvedReference".split()
)
# AWS's own words, and words for AWS: parameters of these are none of ours.
FOREIGN = frozenset("translate Busy AwsError".split())

HOLE = re.compile(r"%\(\w+\)s")

Part = str | ast.expr


def engine_words(root: Path = ROOT) -> list[str]:
    """Every text, as a msgid: plain, or with `%(name)s` where something is filled in."""
    return sorted(text for texts in words_by_folder(root).values() for text in texts)


def words_by_folder(root: Path = ROOT) -> dict[str, list[str]]:
    """The same by the folder that says them, `blueprints_parts` for blueprints/parts and `engine` for the root. What
    several say stands with the first."""
    paths = [path for path in sorted(root.rglob("*.py")) if not _aside(path, root)]
    trees = {path: ast.parse(path.read_text()) for path in paths}
    functions = {name: places for tree in trees.values() for name, places in _functions(tree)}
    known: set[str] = set()
    found: dict[str, list[str]] = {}
    for path, tree in trees.items():
        texts = {text for text in _texts(path, tree, functions) if _says_something(text)} - known
        folder = "_".join(path.relative_to(root).parent.parts) or "engine"
        known |= texts
        if texts:
            found[folder] = sorted((*found.get(folder, ()), *texts))
    return found


def _texts(path: Path, tree: ast.Module, functions: dict[str, dict[int, str]]) -> Iterator[str]:
    reader = _Reader(tree, functions)
    yield from reader.texts()
    if "blueprints" in path.parts:
        yield from reader.rules()


def _says_something(text: str) -> bool:
    return bool(re.search("[a-z]", HOLE.sub("", text)))


def _aside(path: Path, root: Path) -> bool:
    return any(part in ASIDE for part in path.relative_to(root).parts)


def _functions(tree: ast.AST) -> Iterator[tuple[str, dict[int, str]]]:
    """Functions with parameters of such names: name → position → parameter (`self` and `cls` do not count)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args if one.arg not in ("self", "cls")]
            places = {place: name for place, name in enumerate(names) if name in NAMES}
            if places:
                yield node.name, places


class _Reader:
    """The texts of one file."""

    def __init__(self, tree: ast.Module, functions: dict[str, dict[int, str]]) -> None:
        self._tree = tree
        self._functions = functions
        self._values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            for name, value in _assigned(node):
                self._values.setdefault(name, []).append(value)

    def texts(self) -> Iterator[str]:
        """All of them; the same text may come twice."""
        for node in ast.walk(self._tree):
            for value in self._wanted(node):
                yield from self._read(value)

    def rules(self) -> Iterator[str]:
        """Rules over several options ("max_tasks: the most tasks …"): the part after the option's name."""
        for node in ast.walk(self._tree):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[words, *_])):
                    yield from (re.sub(r"^\w+: ", "", text) for text in self._read(words))

    def _wanted(self, node: ast.AST) -> Iterator[ast.expr]:
        """Expressions in places where words for people stand."""
        for name, value in _assigned(node):
            if name in NAMES or name in TABLES:
                yield value
        if not isinstance(node, ast.Call):
            return
        called = _name_of(node.func)
        if called in FOREIGN:
            return
        if called in ERRORS and node.args:
            yield node.args[0]
        wanted = NAMES | {"description"} if called == "Field" else NAMES
        yield from (one.value for one in node.keywords if one.arg in wanted)
        places = self._functions.get(called, {})
        yield from (value for place, value in enumerate(node.args) if place in places)

    def _read(self, value: ast.expr, depth: int = 3) -> Iterator[str]:
        """The texts that an expression may be."""
        match value:
            case ast.Constant(value=str(text)):
                yield _from_format(text)
            case ast.JoinedStr():
                yield from _with_holes(value)
                yield from self._in_holes(value, depth)
            case ast.Name() if depth:
                yield from self._all(self._values.get(value.id, ()), depth - 1)
            case _:
                yield from self._all(_choices(value), depth)

    def _in_holes(self, value: ast.JoinedStr, depth: int) -> Iterator[str]:
        """Words that a variable of the file brings into a hole, such as "2 tasks"."""
        for part in value.values:
            match part:
                case ast.FormattedValue(value=ast.Name() as inner) if depth:
                    yield from (text for text in self._read(inner, depth - 1) if " " in text)

    def _all(self, values: Sequence[ast.expr], depth: int) -> Iterator[str]:
        for one in values:
            yield from self._read(one, depth)


def _choices(value: ast.expr) -> Sequence[ast.expr]:
    """The expressions of which one, or all, are meant."""
    match value:
        case ast.IfExp():
            return (value.body, value.orelse)
        case ast.BoolOp() | ast.Dict():
            return value.values
        case ast.Tuple() | ast.List():
            return value.elts
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, words]):
            return (words,)
    return ()


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Name and value of every assignment to a plain name."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpacked(target, value)


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values):
            pairs = zip(targets, values, strict=False)
            yield from ((one.id, part) for one, part in pairs if isinstance(one, ast.Name))


def _name_of(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return str(name)
    return ""


def _from_format(text: str) -> str:
    """A text for str.format ("Give {ge} or more.") with gettext's holes."""
    if re.search(r"\{\w+\}", text):
        return re.sub(r"\{(\w+)\}", r"%(\1)s", text.replace("%", "%%"))
    return text


def _with_holes(value: ast.JoinedStr) -> Iterator[str]:
    """Each way in which the holes that hold one of two words can be filled; the others stay holes."""
    ways = [_ways_of(part) for part in value.values]
    for parts in product(*ways):
        used: dict[str, int] = {}
        texts: list[str] = []
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            name = _hole(part)
            used[name] = used.get(name, 0) + 1
            texts.append(f"%({name}{used[name] if used[name] > 1 else ''})s")
        whole = "".join(texts)
        yield whole if used else whole.replace("%%", "%")


def _ways_of(part: ast.expr) -> list[Part]:
    if isinstance(part, ast.Constant):
        return [str(part.value).replace("%", "%%")]
    assert isinstance(part, ast.FormattedValue)  # noqa: S101 # an f-string has no other parts
    inner = part.value
    if isinstance(inner, ast.IfExp) and all(
        isinstance(one, ast.Constant) for one in (inner.body, inner.orelse)
    ):
        return [
            str(one.value).replace("%", "%%")
            for one in (inner.body, inner.orelse)
            if isinstance(one, ast.Constant)
        ]
    return [inner]


def _hole(value: Part) -> str:
    """A name for a hole, for the translator: that of the variable or attribute in it."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return str(name)
        case ast.Call(args=[*_, ast.Name(id=name) | ast.Attribute(attr=name)]):
            return str(name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return str(name)
    return "value"
