"""Finding studies by their name, their function, or their file."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import yaml

from kdissect.errors import DataError, SpecError
from kdissect.study.catalogue import COLLECTIONS, SIZES, STUDIES, Size
from kdissect.study.study import Study
from kdissect.user_code import find_in_file


def find_studies(name: str, data: str | None = None, probe: str | None = None) -> tuple[Study, ...]:
    """The studies that `name` means: one, or those of a collection.

    Args:
        name: a name of the catalogue (`quick`, `paper`), of a size other than `small` (`figure1@full`), a function of
            one's own (`my_file.py:my_study`), or a file (`study.yaml`, `study.json`), for example the `spec` of a
            store's study.json.
        data: folder of images, for the size `full`.
        probe: folder of the probe, for the size `full`.

    Raises:
        SpecError: there is no such study or size, or it is not valid; the message has the path of each fault.
        DataError: there is no such file, or a folder does not hold what it should.
    """
    known: dict[str, Callable[..., Study | tuple[Study, ...]]] = {one.__name__: one for one in (*STUDIES, *COLLECTIONS)}
    plain, at, size = name.partition("@")
    if plain in known:
        if at and size not in SIZES:
            raise SpecError(f"no size {size!r} of {plain}; expected {', '.join(f'{plain}@{one}' for one in SIZES)}")
        return _as_tuple(known[plain](cast(Size, size or "small"), data, probe))
    if data is not None or probe is not None:
        raise SpecError(f"--data and --probe belong to studies of the catalogue, {name} names its own data")
    if ".py:" in name:
        return _from_python(name)
    if name.endswith((".yaml", ".yml", ".json")):
        return (_from_text(Path(name)),)
    raise SpecError(
        f"no study {plain!r}; expected one of {', '.join(known)}, with @{', @'.join(SIZES)} for a size, or "
        "FILE.py:FUNCTION, or FILE.yaml"
    )


def find_study(name: str, data: str | None = None, probe: str | None = None) -> Study:
    """The one study that `name` means; arguments and errors as of `find_studies`.

    Raises:
        SpecError: it means several; lists them.
    """
    found = find_studies(name, data, probe)
    if len(found) > 1:
        raise SpecError(f"{name} is {len(found)} studies, expected one of {', '.join(one.name for one in found)}")
    return found[0]


def _as_tuple(found: Study | tuple[Study, ...]) -> tuple[Study, ...]:
    return found if isinstance(found, tuple) else (found,)


def _from_text(path: Path) -> Study:
    if not path.is_file():
        raise DataError(f"expected a file that describes a study, there is no {path}")
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SpecError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if isinstance(fields, dict) and isinstance(fields.get("spec"), dict):
        fields = fields["spec"]
    if not isinstance(fields, dict):
        raise SpecError(
            f"{path} must hold the fields of a study (name, dataset, arms, ...), got {type(fields).__name__}"
        )
    return Study.from_mapping(fields)


def _from_python(name: str) -> tuple[Study, ...]:
    found = find_in_file(name)
    made = found() if callable(found) else found
    studies = made if isinstance(made, tuple) else (made,)
    if not studies or not all(isinstance(study, Study) for study in studies):
        odd = next((one for one in studies if not isinstance(one, Study)), made)
        raise SpecError(f"{name} must be a function that returns a Study, got {type(odd).__name__}")
    return studies
