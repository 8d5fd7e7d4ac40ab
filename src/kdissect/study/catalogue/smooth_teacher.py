"""A teacher that was trained with label smoothing, over temperatures."""

from kdissect.distill import CE, KD
from kdissect.study.catalogue.arms import scratch, study_of, taught
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def smooth_teacher(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """A label-smoothing teacher against a normal one, each at the same temperatures: does it still help?

    Label smoothing erases class similarity from the teacher's logits, and a higher temperature brings some of it back.

    Source: Han et al. 2023, distillation from a teacher trained with label smoothing; Chandrasegaran et al. 2022,
        arXiv:2206.14532, for the accuracies.
    """
    scale = scale_of(size, data, probe)
    students = [
        taught(
            scale,
            f"{name}-T{temperature:g}",
            CE() + KD(temperature=temperature),
            teacher,
            {"temperature": temperature, "teacher": kind},
        )
        for name, teacher, kind in (("KD", "teacher", "normal"), ("KD-from-LS", "teacher-LS", "LS"))
        for temperature in scale.temperatures
    ]
    arms = (scale.teacher, scale.smooth_teacher, scratch(scale), *students)
    return study_of(scale, "smooth_teacher", "A teacher with label smoothing, over temperatures", arms)
