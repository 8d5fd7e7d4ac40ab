"""Seats, seen slightly from the side: backrest, legs, cushion, arms and finial tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, ring, stroke

_WOODS = ("b8864c 94642c", "7c5230 5c381c", "d8b47c bc9458", "44342c 302420", "c8c4bc aaa69e")
_CLOTHS = ("b84444", "44689c", "5c8c5c", "c8a040", "846094", "8c8880", "c87848")


def chairs() -> Kind:
    """Kitchen chair, armchair, rocking chair and office chair."""
    k = Kind(
        "chair", "kitchen-chair armchair rocking-chair office-chair", slots="backrest legs cushion arms cover",
        home="kitchen room playground warehouse", tilt=5, places="floor ground",
    )  # fmt: skip
    body = k.joint(wide=(0.88, 1.12), tall=(0.9, 1.1))
    wood = k.paint(looks("wood", *_WOODS), looks("metal", "8c9094 64686c"), looks("plastic", *_WOODS))
    cover = k.paint(
        slot="cover",
        kitchen_chair=looks("fabric", *(f"{c}/f0e8d8" for c in _CLOTHS), pattern="chequered", size=(0.06, 0.08)),
        armchair=looks("fabric", *(f"{c}/f0e0b8" for c in _CLOTHS), pattern="polka-dotted", size=(0.07, 0.09)),
        rocking_chair=looks("fabric", *(f"{c}/f0e8d8" for c in _CLOTHS), pattern="knitted", size=(0.06, 0.08)),
        office_chair=looks("leather", *_CLOTHS),
    )
    metal = k.paint(look("metal", "a4a8ac 60646a"))
    rubber = k.paint(look("rubber", "2c2c30 404044"))
    back = k.joint(body, (-0.16, 0.08), turn=(-7, 5), tall=(0.88, 1.12))
    _legs(k, body, wood, metal, rubber, far=True)
    _backs(k, back, wood, cover, metal)
    _arms(k, body, wood, cover, metal, rubber, shade=0.75, dy=-0.02)
    k.add(poly(-0.2, 0.06, 0.16, 0.06, 0.25, 0.12, 0.25, 0.155, -0.2, 0.155), wood, body, "seat", ink=0.8)
    _cushions(k, body, cover, wood)
    _legs(k, body, wood, metal, rubber, far=False)
    _arms(k, body, wood, cover, metal, rubber, shade=1.0, dy=0.03)
    return k


def _backs(k: Kind, back: int, wood: int, cover: int, metal: int) -> None:
    for x in (-0.05, 0.07):
        k.add(
            stroke(x, 0.04, x - 0.03, -0.44, start=0.02, end=0.016),
            wood,
            back,
            "backrest",
            "post",
            slot="backrest",
            only="kitchen-chair rocking-chair",
        )
        k.add(
            ellipse(x - 0.03, -0.46, 0.026),
            wood,
            back,
            "backrest",
            "finial",
            slot="backrest",
            only="kitchen-chair rocking-chair",
        )
    for y in (-0.12, -0.24, -0.36):
        k.add(
            stroke(-0.06, y, 0.05, y, start=0.026),
            wood,
            back,
            "backrest",
            "slat",
            "ladder-back",
            slot="backrest",
            only="kitchen-chair",
            ink=0.8,
        )
    k.add(
        blob(-0.1, 0.06, -0.13, -0.3, -0.06, -0.44, 0.06, -0.42, 0.1, -0.2, 0.12, 0.06),
        cover,
        back,
        "backrest",
        "",
        "padded-back",
        slot="backrest",
        only="armchair",
    )
    for x, y in ((-0.04, -0.3), (0.03, -0.22), (-0.03, -0.12), (0.04, -0.34)):
        k.add(
            ellipse(x, y, 0.015),
            wood,
            back,
            "backrest",
            "button",
            "padded-back",
            slot="backrest",
            only="armchair",
            ink=0.6,
        )
    for x in (-0.03, 0.0, 0.03):
        k.add(
            stroke(x + 0.012, 0.04, x - 0.01, -0.36, start=0.009),
            wood,
            back,
            "backrest",
            "spindle",
            "spindle-back",
            slot="backrest",
            only="rocking-chair",
            ink=0.6,
        )
    k.add(
        stroke(-0.09, -0.37, 0.0, -0.39, 0.06, -0.37, start=0.03),
        wood,
        back,
        "backrest",
        "top-rail",
        "spindle-back",
        slot="backrest",
        only="rocking-chair",
    )
    k.add(
        stroke(0.0, 0.06, -0.03, -0.14, start=0.026),
        metal,
        back,
        "backrest",
        "post",
        "swivel-back",
        slot="backrest",
        only="office-chair",
    )
    k.add(
        pill(-0.02, -0.26, 0.15, 0.3, 0.05),
        cover,
        back,
        "backrest",
        "",
        "swivel-back",
        slot="backrest",
        only="office-chair",
    )
    k.add(
        pill(-0.03, -0.47, 0.12, 0.09, 0.04),
        cover,
        back,
        "backrest",
        "headrest",
        "swivel-back",
        slot="backrest",
        only="office-chair",
    )


def _cushions(k: Kind, body: int, cover: int, wood: int) -> None:
    k.add(
        poly(-0.18, 0.04, 0.15, 0.04, 0.235, 0.1, 0.23, 0.125, -0.18, 0.125),
        cover,
        body,
        "cushion",
        "",
        "flat-pad",
        slot="cushion",
        only="kitchen-chair",
    )
    k.add(
        pill(0.03, 0.06, 0.42, 0.13, 0.05), cover, body, "cushion", "", "thick-cushion", slot="cushion", only="armchair"
    )
    k.add(
        stroke(-0.15, 0.07, 0.21, 0.07, start=0.006),
        wood,
        body,
        "cushion",
        "seam",
        "thick-cushion",
        slot="cushion",
        only="armchair",
        ink=0,
    )
    k.add(
        blob(-0.18, 0.09, -0.08, 0.04, 0.08, 0.05, 0.22, 0.09, 0.1, 0.13, -0.1, 0.13),
        cover,
        body,
        "cushion",
        "",
        "loose-cushion",
        slot="cushion",
        only="rocking-chair",
    )
    for x in (-0.16, 0.2):
        k.add(
            stroke(x, 0.1, x + 0.03, 0.19, start=0.009),
            cover,
            body,
            "cushion",
            "tassel",
            "loose-cushion",
            slot="cushion",
            only="rocking-chair",
        )
    k.add(
        blob(-0.2, 0.03, 0.0, 0.06, 0.18, 0.03, 0.27, 0.09, 0.24, 0.16, 0.0, 0.16, -0.2, 0.14),
        cover,
        body,
        "cushion",
        "",
        "moulded-seat",
        slot="cushion",
        only="office-chair",
    )


def _arms(k: Kind, body: int, wood: int, cover: int, metal: int, rubber: int, shade: float, dy: float) -> None:
    at = k.joint(body, (0, dy), down=(-0.03, 0.02), key="arm")
    k.add(
        stroke(0.16, 0.1, 0.16, -0.08, start=0.016),
        wood,
        at,
        "armrest",
        "arm-post",
        "bare-arm",
        slot="arms",
        only="rocking-chair",
        shade=shade,
    )
    k.add(
        stroke(-0.2, -0.1, 0.0, -0.1, 0.22, -0.08, start=0.022),
        wood,
        at,
        "armrest",
        "",
        "bare-arm",
        slot="arms",
        only="rocking-chair",
        shade=shade,
    )
    k.add(
        pill(0.02, 0.03, 0.42, 0.16, 0.05),
        cover,
        at,
        "armrest",
        "",
        "stuffed-arm",
        slot="arms",
        only="armchair",
        shade=shade,
    )
    k.add(
        ellipse(0.2, 0.0, 0.07, 0.065),
        cover,
        at,
        "armrest",
        "scroll",
        "stuffed-arm",
        slot="arms",
        only="armchair",
        shade=shade * 0.9,
    )
    k.add(
        stroke(0.05, 0.13, 0.07, -0.03, start=0.013),
        metal,
        at,
        "armrest",
        "arm-post",
        "t-arm",
        slot="arms",
        only="office-chair",
        shade=shade,
    )
    k.add(
        pill(0.06, -0.05, 0.22, 0.045, 0.02),
        rubber,
        at,
        "armrest",
        "",
        "t-arm",
        slot="arms",
        only="office-chair",
        shade=shade,
    )


def _legs(k: Kind, body: int, wood: int, metal: int, rubber: int, far: bool) -> None:
    shade, dx = (0.7, 0.05) if far else (1.0, 0.0)
    for x, foot in ((-0.17 + dx, -0.2 + dx), (0.2 - dx, 0.22 - dx)):
        k.add(
            stroke(x, 0.14, foot, 0.45, start=0.022, end=0.015),
            wood,
            body,
            "chair-leg",
            "",
            "straight-leg",
            slot="legs",
            only="kitchen-chair",
            shade=shade,
        )
        k.add(
            stroke(x, 0.14, x, 0.36, start=0.018),
            wood,
            body,
            "chair-leg",
            "",
            "rocker",
            slot="legs",
            only="rocking-chair",
            shade=shade,
        )
        k.add(
            stroke(x, 0.16, x, 0.3, start=0.04, end=0.025),
            wood,
            body,
            "chair-leg",
            "",
            "bun-foot",
            slot="legs",
            only="armchair",
            shade=shade,
        )
        k.add(
            ellipse(x, 0.32, 0.04, 0.035),
            wood,
            body,
            "chair-leg",
            "foot-bun",
            "bun-foot",
            slot="legs",
            only="armchair",
            shade=0.9 * shade,
        )
    if not far:
        k.add(
            stroke(-0.19, 0.32, 0.2, 0.32, start=0.012),
            wood,
            body,
            "chair-leg",
            "stretcher",
            "straight-leg",
            slot="legs",
            only="kitchen-chair",
            shade=0.85,
        )
        k.add(
            pill(0.02, 0.2, 0.42, 0.12, 0.02),
            wood,
            body,
            "chair-leg",
            "apron",
            "bun-foot",
            slot="legs",
            only="armchair",
        )
        k.add(
            stroke(-0.34, 0.34, -0.18, 0.41, 0.02, 0.43, 0.22, 0.41, 0.36, 0.33, start=0.022),
            wood,
            body,
            "chair-leg",
            "rocker-rail",
            "rocker",
            slot="legs",
            only="rocking-chair",
        )
        k.add(
            stroke(0.02, 0.15, 0.02, 0.34, start=0.028),
            metal,
            body,
            "chair-leg",
            "column",
            "castor-base",
            slot="legs",
            only="office-chair",
        )
        for x in (-0.2, 0.02, 0.24):
            k.add(
                stroke(0.02, 0.33, x, 0.39, start=0.024, end=0.016),
                metal,
                body,
                "chair-leg",
                "spoke",
                "castor-base",
                slot="legs",
                only="office-chair",
            )
            k.add(
                ring(x, 0.425, 0.035, 0.012),
                rubber,
                body,
                "chair-leg",
                "castor",
                "castor-base",
                slot="legs",
                only="office-chair",
            )
    k.add(box(0.02, 0.165, 0.1, 0.03), metal, body, "seat", "bracket", slot="legs", only="office-chair", ink=0.4)
