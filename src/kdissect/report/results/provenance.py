"""What made a result: its header, and what its words mean."""

import json
from typing import Any

from kdissect.report.block import Block, Cell, Prose, Row, Section, Table
from kdissect.report.provenance import facts_table, flat

DEFINITIONS = (
    ("IoU", "pixels that the mask of a unit shares with a concept, divided by the pixels that one of the two has"),
    ("mask of a unit", "where its activation map, enlarged to the size of the labels, exceeds the unit's threshold"),
    (
        "gate region",
        "a mask counts towards a category if it holds a pixel labelled in it, or the image has such a label",
    ),
    ("gate image", "a mask counts towards a category if its image has a label of it anywhere"),
    ("gate none", "every mask counts"),
    ("precision", "share of the unit's mask, as far as the gate lets it count, that has the concept"),
    ("recall", "share of the concept's pixels that lie under the unit's mask"),
)


def header_section(headers: dict[str, dict[str, Any]], version: str, command: str = "") -> Section:
    """The header as a table and as JSON.

    Args:
        headers: what each is called, and it.
        version: of the kdissect that writes the report.
        command: what was typed; may be empty.
    """
    first = next(iter(headers.values()), {})
    plain = {key: value for key, value in first.items() if key not in ("members", "pairs")}
    entries = [line for key, value in plain.items() for line in flat(key.replace("_", " "), value)]
    blocks: list[Block] = [Prose(command, "code")] if command else []
    blocks.append(facts_table("Header", (*entries, ("report written by", f"kdissect {version}"))))
    words = tuple(Row((Cell(name), Cell(text))) for name, text in DEFINITIONS)
    blocks.append(Table("What the words mean", (Cell("word"), Cell("meaning")), words, layout="facts"))
    for name, header in headers.items():
        text = json.dumps(header, indent=1, ensure_ascii=False)
        blocks.append(
            Prose(text, "code", f"The header of {name} as JSON" if len(headers) > 1 else "The header as JSON")
        )
    return Section(
        "provenance", "What made this", "Everything that is needed to make these numbers again.", tuple(blocks)
    )
