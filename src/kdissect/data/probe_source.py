"""Where a probe comes from."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, final

from kdissect.data.broden import Broden
from kdissect.data.packed import HEADER, PackedProbe
from kdissect.data.probe import Probe
from kdissect.specs import Plugin


class ProbeSource(Plugin, ABC):
    """The spec of a probe; `open` reads it, or makes it first. Abstract."""

    @property
    @abstractmethod
    def title(self) -> str:
        """A short name for people."""

    def identity(self) -> dict[str, Any]:
        """What decides the images and labels: part of the digest of every result made from them.

        Raises:
            DataError: files are missing or damaged.
        """
        return self.model_dump(mode="json")

    @abstractmethod
    def open(self, cache: Path) -> Probe:
        """The probe.

        Args:
            cache: folder for what has to be made; used again by the next call.

        Raises:
            DataError: files are missing or damaged.
        """


@final
class BrodenFolder(ProbeSource):
    """A folder in Broden's directory format.

    Attributes:
        path: the folder with `index.csv`.
        size: side in pixels that the images are resized to; None leaves them.
    """

    path: str
    size: int | None = None

    @property
    def title(self) -> str:
        """The folder's name."""
        return Path(self.path).name

    def identity(self) -> dict[str, Any]:
        """The spec without the path, and the stamp of the folder's tables and files."""
        stamp = Broden(self.path, size=self.size).stamp
        return {**self.model_dump(mode="json", exclude={"path"}), "content": stamp}

    def open(self, cache: Path) -> Probe:
        """The probe that lies in the folder."""
        return Broden(self.path, size=self.size)


@final
class PackedFolder(ProbeSource):
    """A packed probe, as `kdissect data` makes it.

    Attributes:
        path: the folder with `header.json`.
        size: side in pixels that the images are resized to; None leaves them.
    """

    path: str
    size: int | None = None

    @property
    def title(self) -> str:
        """The folder's name."""
        return Path(self.path).name.removesuffix(".probe")

    def identity(self) -> dict[str, Any]:
        """The spec without the path, and the digest of the content."""
        digest = PackedProbe(self.path, size=self.size).digest
        return {**self.model_dump(mode="json", exclude={"path"}), "content": digest}

    def open(self, cache: Path) -> Probe:
        """The probe that lies in the folder."""
        return PackedProbe(self.path, size=self.size)


def open_probe(path: Path | str, size: int | tuple[int, int] | None = None) -> Probe:
    """The probe in a folder, packed or in Broden's format.

    Args:
        path: the folder.
        size: height and width that the images are resized to, or one number for both; None leaves them.

    Raises:
        DataError: the folder holds neither, or is damaged.
    """
    path = Path(path)
    return PackedProbe(path, size=size) if (path / HEADER).is_file() else Broden(path, size=size)
