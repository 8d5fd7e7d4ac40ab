"""What the study says, in plain words; every sentence follows from the numbers."""

from dataclasses import dataclass

from kdissect.report.arms import main_quantities
from kdissect.report.evidence import Evidence
from kdissect.report.quantity import Quantity, find
from kdissect.report.wording import counted, fixed, listed, readable, signed, with_margin
from kdissect.stats import Difference

PRIMARY = "detectors"
MOST_ALONE = 4
"""Numbers of a network that stands alone in the first sentence."""


@dataclass(frozen=True)
class Comparison:
    """One arm against the reference.

    Attributes:
        arm: the arm.
        outcome: where the 95 % interval of the difference lies, or why there is none.
        sentence: the numbers.
    """

    arm: str
    outcome: str
    sentence: str


@dataclass(frozen=True)
class Headline:
    """The page's first sentence, and one more for each arm if there are several.

    Attributes:
        sentence: for one arm its numbers, for several what became of each.
        comparisons: one an arm; empty if the sentence has said it all.
        note: how to read the numbers; empty if there is no interval.
    """

    sentence: str
    comparisons: tuple[Comparison, ...] = ()
    note: str = ""


NOTE = (
    "After ± stands half of the mean's 95 % interval over seeds (Student's t), in brackets that of the difference "
    "(Welch's t). The intervals are not corrected for how many comparisons a study makes."
)


def headline(evidence: Evidence, quantities: tuple[Quantity, ...]) -> Headline:
    """What the page says first."""
    quantity = primary(quantities)
    if quantity is None:
        there, all_cells = evidence.num_done, len(evidence.study.cells)
        return Headline(f"No measure has a result yet: {there} of {all_cells} cells are there.")
    reference = evidence.reference
    if len(evidence.arms) == 1:
        return Headline(_single(evidence, quantities))
    if reference is None or not evidence.compared:
        return Headline(_alone(evidence, quantity))
    if not quantity.of(reference):
        lacking = f"Nothing can be compared yet: {reference}, the reference, has no {_noun(quantity)}."
        return Headline(f"{lacking} {_alone(evidence, quantity)}")
    comparisons = tuple(_compare(arm.name, reference, quantity) for arm in evidence.compared)
    note = NOTE if any("interval" in comparison.sentence for comparison in comparisons) else ""
    if len(comparisons) == 1:
        return Headline(comparisons[0].sentence, (), note)
    return Headline(_summary(comparisons, reference, quantity), comparisons, note)


def primary(quantities: tuple[Quantity, ...]) -> Quantity | None:
    """What the headline is about: concept detectors if they were counted, else the first score of the first measure.

    Accuracy comes last: it says nothing about interpretability.
    """
    accuracy = find(quantities, "accuracy")
    measured = [quantity for quantity in quantities if quantity.measure != "train"]
    others = [q for q in measured if accuracy is None or q.measure != accuracy.measure]
    return find(quantities, PRIMARY) or next(iter([*others, *measured]), None)


def _compare(arm: str, reference: str, quantity: Quantity) -> Comparison:
    noun, decimals = _noun(quantity), _decimals(quantity, arm, reference)
    of_arm, of_reference = quantity.interval(arm), quantity.interval(reference)
    if of_arm is None or of_reference is None:
        return Comparison(arm, "without a result", f"{arm} has no {noun} yet.")
    difference = quantity.against(arm, reference)
    assert difference is not None  # both have values
    if quantity.name == PRIMARY and not any(quantity.of(arm) + quantity.of(reference)):
        outcome = "without any, as is the reference"
        return Comparison(
            arm, outcome, f"Neither {arm} nor {reference} students have a single {noun.removesuffix('s')}."
        )
    values = with_margin(of_arm, decimals), with_margin(of_reference, decimals)
    outcome = _outcome(difference, of_arm.num, of_reference.num)
    if quantity.name == PRIMARY:
        start = f"{arm} students have {values[0]} {noun} against {values[1]} for {reference}"
    else:
        start = f"{arm} students have {noun} {values[0]} {quantity.unit} against {values[1]} for {reference}"
    change = signed(difference.mean, decimals)
    if difference.low is not None and difference.high is not None:
        change += f" (95 % interval {fixed(difference.low, decimals)} to {fixed(difference.high, decimals)})"
    ending = _ending(outcome, quantity, of_arm.num, of_reference.num)
    return Comparison(arm, outcome, f"{start}: {change}, {ending}.")


def _outcome(difference: Difference, num_arm: int, num_reference: int) -> str:
    if difference.low is None or difference.high is None:
        return "with one seed" if 1 in (num_arm, num_reference) else "without spread between seeds"
    if difference.low > 0:
        return "higher"
    if difference.high < 0:
        return "lower"
    return "not distinguishable"


def _ending(outcome: str, quantity: Quantity, num_arm: int, num_reference: int) -> str:
    seeds = counted(num_arm, "seed") if num_arm == num_reference else f"{num_arm} and {counted(num_reference, 'seed')}"
    if outcome == "with one seed":
        return f"with {seeds}; one seed says nothing about chance, run more"
    if outcome == "without spread between seeds":
        return f"the same number with each of {seeds}; without spread nothing is known about chance"
    count = quantity.name == PRIMARY
    words = {"higher": "more" if count else "higher", "lower": "fewer" if count else "lower"}
    return f"{words.get(outcome, outcome)} with {seeds}"


def _summary(comparisons: tuple[Comparison, ...], reference: str, quantity: Quantity) -> str:
    """One clause for each outcome, in the order of the arms; arms that share one stand together."""
    subject = f"the number of {_noun(quantity)}" if quantity.name == PRIMARY else _noun(quantity)
    by_outcome: dict[str, list[str]] = {}
    for comparison in comparisons:
        by_outcome.setdefault(comparison.outcome, []).append(comparison.arm)
    ways = {
        "higher": "is higher with {}",
        "lower": "is lower with {}",
        "not distinguishable": "shows no clear difference with {}",
        "with one seed": "rests on a single seed with {}",
        "without spread between seeds": "does not vary between seeds with {}",
        "without a result": "is still to be measured with {}",
        "without any, as is the reference": "is zero with {}",
    }
    clauses = [ways[outcome].format(listed(arms)) for outcome, arms in by_outcome.items()]
    return f"Against {reference}, {subject} {listed(clauses)}."


def _single(evidence: Evidence, quantities: tuple[Quantity, ...]) -> str:
    """The main numbers of the only network."""
    arm = evidence.arms[0].name
    main = main_quantities(evidence, quantities)
    found = [(quantity, quantity.interval(arm)) for quantity in main[:MOST_ALONE]]
    parts = [f"{_noun(q)} {with_margin(interval, _decimals(q, arm))}" for q, interval in found if interval is not None]
    more = f", and {counted(len(main) - MOST_ALONE, 'measure')} more" if len(main) > MOST_ALONE else ""
    return f"{arm}: {', '.join(parts)}{more}."


def _alone(evidence: Evidence, quantity: Quantity) -> str:
    """The values without a comparison."""
    parts = []
    for arm in evidence.arms:
        interval = quantity.interval(arm.name)
        if interval is not None:
            parts.append(f"{arm.name} {with_margin(interval, _decimals(quantity, arm.name))}")
    noun = _noun(quantity)
    return f"{noun[0].upper()}{noun[1:]}: {listed(parts)}." if parts else ""


def _noun(quantity: Quantity) -> str:
    return "concept detectors" if quantity.name == PRIMARY else readable(quantity.name)


def _decimals(quantity: Quantity, *arms: str) -> int:
    """No decimals for a count where nothing is averaged."""
    values = [value for arm in arms for value in quantity.of(arm)]
    single = all(len(quantity.of(arm)) <= 1 for arm in arms)
    return 0 if single and all(value == int(value) for value in values) else quantity.decimals
