"""`python -m kdissect.data.brodenette`: draw the contact sheets."""

import argparse
from pathlib import Path

from kdissect.data.brodenette.sheet import contact_sheet, layers_sheet
from kdissect.data.brodenette.world import World


def main() -> None:
    """Write the contact sheet, and beside it (`_layers`) one image with its labels."""
    parser = argparse.ArgumentParser(prog="python -m kdissect.data.brodenette", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("brodenette.png"), help="the contact sheet to write")
    parser.add_argument("--seed", type=int, default=0, help="seed of the world")
    parser.add_argument("--index", type=int, default=22, help="the image to show with its labels")
    given = parser.parse_args()
    world = World(seed=given.seed, noise=0, lighting=0.4, occlusion=0.2, clutter=3)
    contact_sheet(world).save(given.out, optimize=True)
    layers = given.out.with_stem(f"{given.out.stem}_layers")
    layers_sheet(world, "sheet", given.index).save(layers, optimize=True)


if __name__ == "__main__":
    main()
