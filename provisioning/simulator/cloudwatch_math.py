"""Metric math as far as alarms and charts here use it: the four operations over ids and numbers, and FILL."""

import ast
import operator
from collections.abc import Callable, Mapping

from provisioning.simulator.operations import Refusal

Points = dict[int, float]
Value = Points | float
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(expression: str, known: Mapping[str, Points]) -> Points:
    """The points of an expression. A time at which one of its metrics has no point has none."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise _invalid(expression) from error
    found = _value(tree, known, expression)
    if not isinstance(found, dict):
        raise _invalid(expression)
    return found


def _invalid(expression: str) -> Refusal:
    return Refusal("ValidationError", f"Error in expression '{expression}': it cannot be evaluated here.")


def _value(node: ast.expr, known: Mapping[str, Points], expression: str) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _joined(operator.mul, -1.0, _value(inner, known, expression))
        case ast.BinOp(left=left, op=sort, right=right) if type(sort) in _OPERATIONS:
            sides = (_value(side, known, expression) for side in (left, right))
            return _joined(_OPERATIONS[type(sort)], *sides)
        case ast.Call(
            func=ast.Name(id="FILL"), args=[ast.Name(id=name), ast.Constant(value=int() | float() as gap)]
        ):
            every = {at for points in known.values() for at in points}
            return {at: known[name].get(at, float(gap)) for at in sorted(every)}
    raise _invalid(expression)


def _joined(join: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if not isinstance(left, dict) and not isinstance(right, dict):
        return join(left, right)
    times = [set(side) for side in (left, right) if isinstance(side, dict)]
    joined = {at: _at(join, left, right, at) for at in sorted(set.intersection(*times))}
    return {at: value for at, value in joined.items() if value is not None}


def _at(join: Callable[[float, float], float], left: Value, right: Value, at: int) -> float | None:
    """None where it divides by nothing: CloudWatch leaves such a point out."""
    sides = [side[at] if isinstance(side, dict) else side for side in (left, right)]
    try:
        return join(*sides)
    except ZeroDivisionError:
        return None
