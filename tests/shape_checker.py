"""The checker that runs on every annotated function of kdissect under pytest."""

from collections.abc import Callable
from typing import Any

from beartype import BeartypeConf, beartype
from beartype.roar import BeartypeDecorHintException

typed = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int will do for a float


def check(function: Callable[..., Any]) -> Callable[..., Any]:
    """Beartype, but what has a hint that it cannot check (`Self`, a plain protocol) passes unchecked."""
    try:
        return typed(function)
    except BeartypeDecorHintException:
        return function
