"""HTML that cannot be injected: plain strings are escaped, `Markup` is not."""

from html import escape

VOID = ("img",)
"""Elements that have no end."""


class Markup(str):
    """HTML that is already safe."""

    __slots__ = ()


def tag(name: str, *children: str | None, **attributes: str | bool | None) -> Markup:
    """An element; children that are no Markup are escaped, attributes that are None or False left out.

    Underscores in attribute names become hyphens, and one at the end goes (`class_`).

    Example:
        >>> tag("p", "a < b", tag("b", "!"), class_="x")
        '<p class="x">a &lt; b<b>!</b></p>'
    """
    written = "".join(
        f" {key.removesuffix('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value, quote=True)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str | None) -> Markup:
    """Children one after the other; those that are no Markup are escaped."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children if child))
