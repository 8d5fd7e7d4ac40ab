"""From a size's name to what it means."""

from typing import get_args

from kdissect.errors import SpecError
from kdissect.study.catalogue.full import full
from kdissect.study.catalogue.scale import Scale, Size
from kdissect.study.catalogue.small import small
from kdissect.study.catalogue.tiny import tiny


def scale_of(size: Size, data: str | None = None, probe: str | None = None) -> Scale:
    """What a size means.

    Args:
        size: `tiny`, `small` or `full`.
        data: folder of ImageNet; for `full`.
        probe: folder of Broden; for `full`.

    Raises:
        SpecError: there is no such size; `full` lacks its folders, or another size is given some.
        DataError: a folder does not hold what it should.
    """
    if size not in get_args(Size):
        raise SpecError(f"no size {size!r}; expected one of {', '.join(get_args(Size))}")
    if size == "full":
        return full(data, probe)
    if data is not None or probe is not None:
        raise SpecError(f"--data and --probe belong to the size full; {size} draws its own pictures")
    return tiny() if size == "tiny" else small()
