"""A clutter kind to begin with."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.pieces import Range


def item(name: str, places: str, size: Range, tilt: float = 5) -> Kind:
    """A clutter kind with one joint, number 0, and a shadow if it stands on the ground."""
    k = Kind(name, places=places, size=size, tilt=tilt, foot=47)
    k.joint(wide=(0.85, 1.2), tall=(0.85, 1.15))
    if tilt <= 30 and ("ground" in k.places or "floor" in k.places):
        k.shadow(46)
    return k
