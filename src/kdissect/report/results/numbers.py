"""How the numbers of a verdict are written."""


def number(value: float | str | int | None) -> str:
    """Three digits; a dash where there is none."""
    return "–" if value is None else f"{float(value):.3g}".replace("-", "−")


def signed(value: float) -> str:
    """Three digits with the sign."""
    return f"{value:+.3g}".replace("-", "−")


def between(low: float | None, high: float | None) -> str:
    """An interval; a dash where there is none."""
    return "–" if low is None or high is None else f"{number(low)} to {number(high)}"


def p_text(value: float | None) -> str:
    """A p value; a dash where there is none."""
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
