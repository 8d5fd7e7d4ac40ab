"""Temperature and weight of the teacher's term."""

from kdissect.distill import CE, KD
from kdissect.study.catalogue.arms import scratch, study_of, taught
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def temperature_weight(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """A grid: (1 - w) CE + w KD(T), which carries T squared: which of the two moves detectors, and which accuracy?

    Source: kdissect; the paper's code has settings at T = 1, w = 0.5 and T = 2, w = 0.9.
    """
    scale = scale_of(size, data, probe)
    temperatures, weights = scale.grid
    grid = [
        taught(
            scale,
            f"KD-T{temperature:g}-w{round(100 * weight)}",
            round(1 - weight, 6) * CE() + weight * KD(temperature=temperature),
            place={"temperature": temperature, "weight": weight},
        )
        for temperature in temperatures
        for weight in weights
    ]
    arms = (scale.teacher, scratch(scale), *grid)
    return study_of(scale, "temperature_weight", "Temperature and weight of distillation", arms)
