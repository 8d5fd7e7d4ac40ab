"""Finding a study by its name, its function, or its file."""

from pathlib import Path

import yaml

from kdissect.errors import DataError, SpecError
from kdissect.study.quick import quick
from kdissect.study.study import Study
from kdissect.user_code import find_in_file

STUDIES = (quick,)
"""Functions that return the studies of the catalogue; a study's name is its function's."""


def find_study(name: str) -> Study:
    """The study that `name` means.

    Args:
        name: a name of the catalogue (`quick`), a function of one's own (`my_file.py:my_study`), or a file
            (`study.yaml`, `study.json`), for example the `spec` of a store's study.json.

    Raises:
        SpecError: there is no such study, or it is not valid; the message has the path of each fault.
        DataError: there is no such file.
    """
    for study in STUDIES:
        if study.__name__ == name:
            return study()
    if ".py:" in name:
        return _from_python(name)
    if name.endswith((".yaml", ".yml", ".json")):
        return _from_text(Path(name))
    names = ", ".join(study.__name__ for study in STUDIES)
    raise SpecError(f"no study {name!r}; expected one of {names}, or FILE.py:FUNCTION, or FILE.yaml")


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


def _from_python(name: str) -> Study:
    found = find_in_file(name)
    study = found() if callable(found) else found
    if not isinstance(study, Study):
        raise SpecError(f"{name} must be a function that returns a Study, got {type(study).__name__}")
    return study
