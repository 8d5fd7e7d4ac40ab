"""Specs: frozen, validated values that say what to do, and the digest that names their results."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from kdissect.errors import SpecError


class Spec(BaseModel):
    """A frozen value that is valid once it is made, and makes the round trip through JSON and YAML.

    State (weights, optimisers, memory banks) never lives in a spec.

    Raises:
        SpecError: a field is unknown, missing or out of range; the message has the path of each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise SpecError(f"{type(self).__name__}: {one_line(error)}") from None

    # Tells pydantic that this is no other way to build the object, so that it validates nested specs itself
    # and an error has the whole path.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The spec that `text` describes.

        Raises:
            SpecError: the text is no JSON, or no such spec.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise SpecError(f"{cls.__name__}: {one_line(error)}") from None

    @classmethod
    def from_mapping(cls, fields: dict[str, Any]) -> Self:
        """The spec with these fields, as read from YAML or JSON.

        Raises:
            SpecError: a field is unknown, missing or out of range.
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise SpecError(f"{cls.__name__}: {one_line(error)}") from None

    def changed(self, **fields: Any) -> Self:
        """The spec with other values of these fields, checked as a new one is.

        Raises:
            SpecError: a field is unknown or out of range.
        """
        return type(self)(**{**dict(self), **fields})

    def digest(self) -> str:
        """SHA-256 of the spec's canonical JSON, in hexadecimal."""
        return digest(self.model_dump(mode="json"))


class Plugin(Spec):
    """A spec of an open family (a term, a measure, a dataset, ...), written with its class name as `kind`.

    `version` is part of every digest: a plug-in raises it when its numbers change, so that no
    old result answers for new code.
    """

    version: ClassVar[int] = 1

    @model_serializer(mode="wrap")
    def _with_kind(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"kind": type(self).__name__, "version": self.version, **dump(self)}


def one_of(choices: Callable[[], tuple[type[Plugin], ...]]) -> tuple[BeforeValidator, PlainSerializer]:
    """Field metadata for a member of an open family: `Annotated[Term, *one_of(lambda: TERMS)]`.

    Objects pass through unchanged, so that a user's own class works; a mapping (from JSON or
    YAML) is read by its `kind` among the classes listed.
    """

    def read(value: object) -> object:
        return member_of(value, choices()) if isinstance(value, dict) else value

    return BeforeValidator(read), PlainSerializer(_dump)


def member_of(fields: dict[str, Any], choices: tuple[type[Plugin], ...]) -> Plugin:
    """The member of a family that fields describe, by their `kind`.

    Raises:
        ValueError: there is no such kind, it was saved as another version, or a field is wrong.
    """
    fields = dict(fields)
    kind, version = fields.pop("kind", None), fields.pop("version", None)
    by_name = {choice.__name__: choice for choice in choices}
    if kind not in by_name:
        raise ValueError(f"expected a kind among {', '.join(sorted(by_name))}, got {kind!r}")
    if version not in (None, by_name[kind].version):
        raise ValueError(f"{kind} was saved as version {version}, this kdissect has version {by_name[kind].version}")
    try:
        return by_name[kind].model_validate(fields)
    except ValidationError as error:
        raise ValueError(f"{kind}: {one_line(error)}") from None


def _dump(value: Plugin) -> dict[str, Any]:
    # The member's own fields, not only those of the abstract class that the field names.
    return value.model_dump(mode="json")


def digest(value: object) -> str:
    """SHA-256 of a JSON-able value in canonical form (sorted keys, no spaces), in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def one_line(error: ValidationError) -> str:
    """What is wrong with each field, its path first, in one line."""
    parts = []
    for item in error.errors(include_url=False):
        path = ".".join(str(step) for step in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        shown = "" if item["type"] in ("missing", "value_error") else f", got {item['input']!r}"
        parts.append(f"{path}: {message}{shown}" if path else message)
    return "; ".join(parts)
