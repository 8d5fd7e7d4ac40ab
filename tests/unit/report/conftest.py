from pathlib import Path

import pytest
from unit.report.synthetic_store import write_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete store; tests only read it."""
    return write_store(tmp_path_factory.mktemp("report") / "store")
