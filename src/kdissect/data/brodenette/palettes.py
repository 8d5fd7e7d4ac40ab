"""Colours that several kinds share; each string is one range, `first/second` colour."""

from kdissect.data.brodenette.paints import look, looks

FURS = ("c98b4a a0622d", "96918c 66645f", "e8dccb d2c3ad", "7d5a3f 553a26", "dd8d43 c46a22", "5d5752 3d3935")
PLUMES = ("b5573a 8f3d27", "4f7fb5 345e94", "6e9a4f 4b7434", "8a7f72 645a50", "d8b13f b8902a", "8d6aa8 6b4c88")
SKINS = ("e0803a c8601e", "5f8fc0 3e6c9e", "c9b25a a8903c", "8fa3a8 6c8288", "c0506a 9c3650", "6aa88a 468468")
LACQUERS = ("d04038 b02820", "3f74b8 2a5894", "e8b830 d09c18", "e8e6e0 d0cec8", "4c8a58 34683e", "60646c 40444c")
HULLS = ("b83c34 982820", "34609c 24487c", "e8e4d8 d0ccc0", "3c7c68 286050", "48484e 34343a", "d8a038 b88420")
WALLS = ("e6dcc4 d2c4a4", "c9a37c b0875e", "b0aca4 908c84", "b86e54 98523c", "dcc890 c4ac70")
TIMBERS = ("b8864c 94642c", "7c5230 5c381c", "d8b47c bc9458", "44342c 302420", "c8c4bc aaa69e")
CLOTHS = ("b84444 983030", "44689c 305484", "5c8c5c 447444", "c8a040 ac8428", "846094 6c487c", "8c8880 706c64")
PETALS = ("d84050 c02c40", "e8b030 d09820", "e880a0 d06488", "f0ece0 e0d8c8", "8c5cb0 744498", "e87838 d06024")
GREENS = ("5c9444 3c7030", "88a850 688838", "4c8468 346450")
CLAYS = ("c87850 b06040", "5880a8 446c94", "e0d8c8 ccc0a8", "8c9c68 748450")
BRIGHT = ("d83c34 c02c24", "3c70b8 2858a0", "e8b838 d0a024", "50a060 388848", "e07838 c86024", "9858a8 804090")


def on(firsts: tuple[str, ...], second: str) -> tuple[str, ...]:
    """Every colour with the same second one."""
    return tuple(f"{first}/{second}" for first in firsts)


WOOD = looks("wood", *TIMBERS)
STEEL = look("metal", "c4c8cc 8c9096")
IRON = look("metal", "484c52 2e3236")
BRASS = look("metal", "d8b448 a88834")
GLASS = look("glass", "a8ccdc 74a0b8")
LAMP = look("glass", "fff0b0 f4d470")
RUBBER = look("rubber", "2a2a2e 3e3e44")
STONE = look("stone", "b4aca0 8c8478")
EYEBALL = look("skin", "f4f0dc f0d890")
PUPIL = look("glass", "0c0c0e 1c1616")
CREAM = look("plastic", "f4f2ea e8e2d0")
"""Looks that several kinds share."""
