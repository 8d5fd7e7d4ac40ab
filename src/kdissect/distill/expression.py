"""Objectives as text: `CE + 0.9*KD(T=4)`, as people write them on a command line."""

import ast
import difflib
from typing import Any

from kdissect.distill.controls import CONTROLS
from kdissect.distill.terms import CE, KD, SS, TERMS, TF
from kdissect.distill.terms.term import Objective, Term, Weighted, as_objective
from kdissect.errors import SpecError

SHORT = {"T": "temperature", "s": "smoothing"}
"""Short names of fields."""


def sskd(
    *, ce_weight: float = 1.0, kd_weight: float = 0.9, ss_weight: float = 10.0, tf_weight: float = 2.7
) -> Objective:
    """SSKD: CE, KD at T = 4, and the two self-supervised terms.

    Source: Xu et al. 2020, arXiv:2006.07114, with the weights of torchdistill's ImageNet configuration.
    """
    parts = ((ce_weight, CE()), (kd_weight, KD(temperature=4)), (ss_weight, SS()), (tf_weight, TF()))
    return Objective(terms=tuple(Weighted(weight=weight, term=term) for weight, term in parts if weight > 0))


_NAMES: dict[str, Any] = {kind.__name__: kind for kind in (*TERMS, *CONTROLS)} | {"SSKD": sskd}


def parse_objective(text: str) -> Objective:
    """The objective that a text describes.

    Terms are called as in Python, with or without brackets; numbers multiply them and `+` adds them up. `T` stands
    for `temperature`, `s` for `smoothing`. Nothing else is evaluated.

    ::

        CE + KD(T=4)
        0.1*CE + 3.6*KD(temperature=2)
        CE + 1000*AT("layer3", "layer4")
        CE + KD(T=4, control=Permuted(classes="across"))
        SSKD(kd_weight=0)

    Raises:
        SpecError: it is no such text, or names something that is not there; lists what there is.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise SpecError(f"cannot read the objective {text!r}; expected something like CE + 0.9*KD(T=4)") from None
    value = _value(tree, text)
    if isinstance(value, int | float) or not isinstance(value, Term | Weighted | Objective):
        raise SpecError(f"the objective {text!r} has no term; expected something like CE + 0.9*KD(T=4)")
    return as_objective(value)


def _value(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | bool | None):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = _value(node.operand, text)
        if isinstance(number, int | float):
            return -number
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(item, text) for item in node.elts)
    if isinstance(node, ast.Name):
        return _find(node.id, text)()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        fields = {SHORT.get(k.arg, k.arg): _value(k.value, text) for k in node.keywords if k.arg is not None}
        places = [_value(argument, text) for argument in node.args]
        kind = _find(node.func.id, text)
        if places and not all(isinstance(place, str) for place in places):
            raise SpecError(f"in {text!r}: {node.func.id} takes its settings by name, as in KD(T=4)")
        try:
            return kind(*places, **fields)
        except TypeError:
            raise SpecError(f"in {text!r}: {node.func.id} does not take {ast.unparse(node)}") from None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult | ast.Div):
        left, right = _value(node.left, text), _value(node.right, text)
        try:
            if isinstance(node.op, ast.Add):
                return left + right
            return left * right if isinstance(node.op, ast.Mult) else left * (1 / right)
        except (TypeError, ZeroDivisionError):
            raise SpecError(
                f"in {text!r}: terms are added, and multiplied by numbers; got {ast.unparse(node)}"
            ) from None
    raise SpecError(f"in {text!r}: expected terms, numbers, + and *; got {ast.unparse(node)}")


def _find(name: str, text: str) -> Any:
    if name in _NAMES:
        return _NAMES[name]
    near = difflib.get_close_matches(name, _NAMES, n=1, cutoff=0.5)
    by_case = [known for known in _NAMES if known.lower() == name.lower()]
    hint = f"; did you mean {(by_case or near)[0]}?" if by_case or near else ""
    raise SpecError(f"in {text!r}: no term {name!r}; there are {', '.join(_NAMES)}{hint}")
