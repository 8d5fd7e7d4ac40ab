"""What a score means, in the words of the measure that made it."""

from kdissect.records import Record


def definition(record: Record, score: str) -> str:
    """One sentence on a score, from the record's `facts["definitions"]`; empty if the measure gave none."""
    definitions = record.facts.get("definitions")
    if not isinstance(definitions, dict):
        return ""
    return str(definitions.get(score) or definitions.get(f"{score.split('/')[0]}/") or "")
