"""Users' own Python files: studies, data sets, networks."""

import hashlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from kdissect.errors import DataError, KdissectError, SpecError

LOADED: dict[str, Path] = {}
"""Files loaded in this process, by module name; a worker process loads them too before it reads a study."""


def load_file(path: Path) -> ModuleType:
    """The module of a Python file, executed once in a process.

    Raises:
        DataError: there is no such file.
    """
    path = _existing(path).resolve()
    name = f"kdissect_user_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in LOADED:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # as for a script: the files beside it can be imported
    try:
        spec.loader.exec_module(module)
    except KdissectError:
        raise
    except Exception as error:
        del sys.modules[name]
        line = error.lineno if isinstance(error, SyntaxError) else _line(error, path)
        raise SpecError(f"{path}:{line}: {type(error).__name__}: {getattr(error, 'msg', error)}") from error
    LOADED[name] = path
    return module


def find_file(name: str) -> Path:
    """The file of `FILE.py:NAME`.

    Raises:
        DataError: there is no such file.
    """
    return _existing(Path(name.rpartition(":")[0]))


def own_code(*things: object) -> dict[str, str]:
    """SHA-256 of the file of each thing's class that is not kdissect's own, by class name.

    Part of a result's key, so that an edited class, or another of the same name, does not answer for it.
    """
    digests = {}
    for thing in things:
        kind = type(thing)
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        if file and kind.__module__.split(".")[0] != "kdissect" and thing is not None:
            digests[kind.__qualname__] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    return digests


def _line(error: Exception, path: Path) -> int | None:
    """The line of a file at which an error came up."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return frames[-1].lineno if frames else None


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DataError(f"expected a Python file, there is no {path}")
    return path


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
