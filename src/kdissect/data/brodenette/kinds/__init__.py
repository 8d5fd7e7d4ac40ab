"""What the world is made of: the coarse groups with their classes, the clutter, the scenes."""

from kdissect.data.brodenette.kinds import scenes
from kdissect.data.brodenette.kinds.birds import birds
from kdissect.data.brodenette.kinds.boats import boats
from kdissect.data.brodenette.kinds.buildings import buildings
from kdissect.data.brodenette.kinds.cars import cars
from kdissect.data.brodenette.kinds.chairs import chairs
from kdissect.data.brodenette.kinds.clutter_indoors import INDOORS
from kdissect.data.brodenette.kinds.clutter_outdoors import OUTDOORS
from kdissect.data.brodenette.kinds.fish import fish
from kdissect.data.brodenette.kinds.plants import plants
from kdissect.data.brodenette.kinds.quadrupeds import quadrupeds

GROUPS = (quadrupeds(), birds(), fish(), cars(), boats(), buildings(), chairs(), plants())
"""The coarse groups; their classes are the fine classes, in this order."""

CLUTTER = tuple(make() for make in (*OUTDOORS, *INDOORS))
"""Distractors, behind and in front of the main object."""

SCENES = (
    scenes.meadow(), scenes.desert(), scenes.forest(), scenes.beach(), scenes.street(), scenes.harbour(),
    scenes.garden(), scenes.farmyard(), scenes.snowfield(), scenes.mountain(), scenes.seabed(),
    scenes.playground(), scenes.night(), scenes.room(), scenes.kitchen(), scenes.warehouse(),
)  # fmt: skip
"""Backgrounds; each is the favourite of two classes of different groups."""
