"""`kdissect draw`: Brodenette as a folder in Broden's format."""

from pathlib import Path

from rich.console import Console


def draw(out: Path, *, images: int = 1500, size: int = 64, seed: int = 0) -> None:
    """Draw a Brodenette probe: images with exact labels of every pixel, in Broden's directory format.

    Args:
        out: folder to write; must not exist yet, or be empty.
        images: number of images.
        size: side of the images in pixels.
        seed: seed of the world.
    """
    from kdissect.data.brodenette import World, write_probe
    from kdissect.errors import DataError

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} is not empty; choose another folder (nothing was changed)")
    write_probe(World(seed=seed, size=size), out, images)
    Console(soft_wrap=True, highlight=False).print(f"{images} images of {size} px: {out}", markup=False)
