"""How numbers and names are written on the page."""

from collections.abc import Sequence

from kdissect.stats import Interval


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals; a minus is a minus, and zero has none.

    Example:
        >>> fixed(-1234.56, 1), fixed(-0.001, 2)
        ('−1,234.6', '0.00')
    """
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def signed(value: float, decimals: int) -> str:
    """A difference, always with its sign unless it is zero.

    Example:
        >>> signed(3.25, 1), signed(-3.25, 1), signed(0.0, 1)
        ('+3.2', '−3.2', '0.0')
    """
    text = fixed(value, decimals)
    return text if text.startswith("−") or not text.strip("0.,") else f"+{text}"


def with_margin(interval: Interval, decimals: int) -> str:
    """Mean and half the width of its interval; the mean alone where there is no interval.

    Example:
        >>> with_margin(Interval(61.3, 57.2, 65.4, 3), 1)
        '61.3 ± 4.1'
    """
    if interval.high is None:
        return fixed(interval.mean, decimals)
    return f"{fixed(interval.mean, decimals)} ± {fixed(interval.high - interval.mean, decimals)}"


def decimals_for(values: Sequence[float]) -> int:
    """Decimals that suit the largest of the values; the same for all that stand together.

    Whole numbers get one, for their means.
    """
    if all(value == int(value) for value in values):
        return 1
    largest = max(abs(value) for value in values)
    if largest >= 10:
        return 1
    if largest >= 2:
        return 2
    if largest >= 0.01:
        return 3
    return 6


def chance_text(p: float) -> str:
    """A probability, small ones as such.

    Example:
        >>> chance_text(0.0412), chance_text(0.00004)
        ('0.041', '< 0.001')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def share_text(share: float) -> str:
    """A share in percent; one that is not all is never written as all.

    Example:
        >>> share_text(0.6894), share_text(0.9996), share_text(0.0004), share_text(0.0)
        ('69 %', '> 99 %', '< 1 %', '0 %')
    """
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")


def from_to(low: float, high: float, decimals: int = 0) -> str:
    """The ends of an interval.

    Example:
        >>> from_to(340.0, 366.4)
        '340 to 366'
    """
    return f"{fixed(low, decimals)} to {fixed(high, decimals)}"


def counted(num: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> counted(1, "cell"), counted(3, "cell")
        ('1 cell', '3 cells')
    """
    return f"{num:,} {one if num == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    Example:
        >>> listed(["KD", "LS", "scratch"])
        'KD, LS and scratch'
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def readable(name: str) -> str:
    """A score's name for readers.

    Example:
        >>> readable("unique_detectors"), readable("any_category/object"), readable("val_accuracy")
        ('unique detectors', 'any category: object', 'validation accuracy')
    """
    if name.startswith("val_"):
        name = f"validation_{name.removeprefix('val_')}"
    return name.replace("_", " ").replace("/", ": ")


def sentence(text: str) -> str:
    """The text with a capital and a full stop; nothing stays nothing.

    Example:
        >>> sentence("units of one layer")
        'Units of one layer.'
    """
    return f"{text[0].upper()}{text[1:].removesuffix('.')}." if text else ""


def measure_title(measure: str) -> str:
    """A measure's name for readers.

    Example:
        >>> measure_title("ClassSimilarity"), measure_title("train")
        ('Class similarity', 'Training')
    """
    if measure == "train":
        return "Training"
    words = "".join(f" {c}" if c.isupper() and i else c for i, c in enumerate(measure)).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])
