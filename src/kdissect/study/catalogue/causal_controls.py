"""What of the teacher's output does it: students of teachers that say something else than similarity."""

from kdissect.distill import CE, KD, Control, HardKD, Permuted, UniformRest
from kdissect.measures import Transfer
from kdissect.study.catalogue.arms import distilled, scratch, smoothed, study_of, taught
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study

CONTROLS: tuple[tuple[str, Control], ...] = (
    ("permuted", Permuted()),
    ("within", Permuted(classes="within")),
    ("across", Permuted(classes="across")),
    ("uniform", UniformRest()),
)


def causal_controls(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """KD against teachers whose similarities are permuted, made uniform, or left out: is it similarity that counts?

    A permutation within groups leaves the entropy of class similarity as it was; `Transfer` looks at which sibling is
    nearer, which it does not leave.

    Source: kdissect; see `kdissect.distill.controls`.
    """
    scale = scale_of(size, data, probe)
    controls = [
        taught(scale, f"KD-{name}", CE() + KD(temperature=4, control=control), place={"control": name})
        for name, control in CONTROLS
    ]
    hard = taught(scale, "KD-hard", CE() + HardKD(), place={"control": "hard label"})
    kd = distilled(scale).changed(place={"control": "none"})
    arms = (scale.teacher, scratch(scale), smoothed(scale), kd, *controls, hard)
    title = "Is it the teacher's class similarity that counts?"
    return study_of(scale, "causal_controls", title, arms, Transfer(images=scale.images))
