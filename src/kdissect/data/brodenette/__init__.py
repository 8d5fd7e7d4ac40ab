"""Brodenette: a procedurally drawn world with exact labels in all six Broden categories."""

from kdissect.data.brodenette.atlas import Label
from kdissect.data.brodenette.draw import Drawing, draw, draw_images
from kdissect.data.brodenette.probe_files import write_probe
from kdissect.data.brodenette.world import World

__all__ = ["Drawing", "Label", "World", "draw", "draw_images", "write_probe"]
