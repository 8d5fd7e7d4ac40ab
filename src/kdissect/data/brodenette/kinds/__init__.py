"""What the world is made of: the coarse groups with their classes, the clutter, the scenes.

To add clutter or a scene, write a function that returns a `Kind` and put it into its file's tuple. Labels
need no list: they are the names that the pieces and looks use. A new class, like any new kind, changes
which images are drawn (see `test_the_drawing_is_the_one_that_was_accepted`).
"""

from kdissect.data.brodenette.kinds.birds import birds
from kdissect.data.brodenette.kinds.boats import boats
from kdissect.data.brodenette.kinds.buildings import buildings
from kdissect.data.brodenette.kinds.cars import cars
from kdissect.data.brodenette.kinds.chairs import chairs
from kdissect.data.brodenette.kinds.clutter_air import AIR
from kdissect.data.brodenette.kinds.clutter_home import HOME
from kdissect.data.brodenette.kinds.clutter_nature import NATURE
from kdissect.data.brodenette.kinds.clutter_street import STREET
from kdissect.data.brodenette.kinds.clutter_wall import WALL
from kdissect.data.brodenette.kinds.fish import fish
from kdissect.data.brodenette.kinds.plants import plants
from kdissect.data.brodenette.kinds.quadrupeds import quadrupeds
from kdissect.data.brodenette.kinds.scenes_country import COUNTRY
from kdissect.data.brodenette.kinds.scenes_shore import SHORE
from kdissect.data.brodenette.kinds.scenes_town import TOWN

GROUPS = (quadrupeds(), birds(), fish(), cars(), boats(), buildings(), chairs(), plants())
"""The coarse groups; their classes are the fine classes, in this order."""

CLUTTER = tuple(make() for make in (*NATURE, *STREET, *AIR, *HOME, *WALL))
"""Distractors, behind and in front of the main object."""

SCENES = tuple(make() for make in (*COUNTRY, *SHORE, *TOWN))
"""Backgrounds; each is the favourite of two classes, of different groups."""
