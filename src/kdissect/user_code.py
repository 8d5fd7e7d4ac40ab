"""Users' own Python files: studies, data sets, networks."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from kdissect.errors import DataError, SpecError

LOADED: dict[str, Path] = {}
"""Files loaded in this process, by module name; a worker process loads them too before it reads a study."""


def load_file(path: Path) -> ModuleType:
    """The module of a Python file, executed once in a process.

    Raises:
        DataError: there is no such file.
    """
    if not path.is_file():
        raise DataError(f"expected a Python file, there is no {path}")
    path = path.resolve()
    name = f"kdissect_user_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in LOADED:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    LOADED[name] = path
    return module


def find_in_file(name: str) -> object:
    """What `FILE.py:NAME` names.

    Raises:
        DataError: there is no such file.
        SpecError: the file has no such name; lists the functions there are.
    """
    path, _, attribute = name.rpartition(":")
    module = load_file(Path(path))
    if not hasattr(module, attribute):
        there = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
        raise SpecError(f"{path} has no function {attribute!r}; it has {', '.join(there) or 'none'}")
    return getattr(module, attribute)
