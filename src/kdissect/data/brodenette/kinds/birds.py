"""Birds, seen from the side: beak, crest, tail, plumage and feet tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, ellipse, poly, stroke

_PLUMES = ("b5573a 8f3d27", "4f7fb5 345e94", "6e9a4f 4b7434", "8a7f72 645a50", "d8b13f b8902a", "8d6aa8 6b4c88")


def birds() -> Kind:
    """Finch, parrot, duck and hoopoe."""
    k = Kind(
        "bird", "finch parrot duck hoopoe", slots="beak crest tail plumage feet",
        home="garden forest harbour desert", tilt=10, places="ground air",
    )  # fmt: skip
    body = k.joint(turn=(-12, 8), wide=(0.9, 1.12), tall=(0.88, 1.1))
    neck = k.joint(body, (0.18, -0.1), turn=(-12, 12))
    head = k.joint(neck, (0.08, -0.14), turn=(-12, 12), scale=(0.9, 1.12))
    wing = k.joint(body, (0.1, -0.06), turn=(-14, 14), wide=(0.85, 1.15))
    plumage = k.paint(
        slot="plumage",
        finch=[looks("feather", *(f"{c}/f2e6d0 e0d0b4" for c in _PLUMES), pattern="flecked", size=(0.07, 0.09))],
        parrot=[looks("feather", *(f"{c}/2f3540 3d4450" for c in _PLUMES), pattern="scaly", size=(0.08, 0.1))],
        duck=looks("feather", *_PLUMES),
        hoopoe=[
            looks(
                "feather", *(f"{c}/f4efe4 2a2626" for c in _PLUMES), pattern="lined", size=(0.08, 0.11), angle=(70, 110)
            )
        ],
    )
    breast = k.paint(looks("feather", "f1e7d4 e0d2b8", "d9955a c57a3c", "c9c4bc aaa49a", "e3c766 cfae48"))
    coverts = k.paint(looks("feather", *_PLUMES))
    beak = k.paint(looks("keratin", "e0a030 c88420", "4a4540 35302c", "d8c8a8 c0ae8c"))
    foot = k.paint(look("skin", "d89040 8a6a50"))
    eye_white = k.paint(look("skin", "f4f0e0 f0d890"))
    pupil = k.paint(look("glass", "0c0c0c 1c1414"))

    for x, shade in ((-0.06, 0.75), (0.04, 1.0)):
        leg = k.joint(body, (x, 0.16), turn=(-12, 12))
        k.add(stroke(0, 0, 0.01, 0.22, start=0.016, end=0.013), foot, leg, "leg", shade=shade, ink=0.7)
        for dx in (-0.05, 0.03, 0.08):
            k.add(
                stroke(0.01, 0.22, dx, 0.255, start=0.011, end=0.008),
                foot,
                leg,
                "leg",
                "toe",
                "perching-toe",
                slot="feet",
                only="finch hoopoe",
                shade=shade,
                ink=0.7,
            )
        k.add(
            stroke(0.01, 0.22, 0.06, 0.25, start=0.022, end=0.018),
            foot,
            leg,
            "leg",
            "toe",
            "thick-toe",
            slot="feet",
            only="parrot",
            shade=shade,
        )
        k.add(
            stroke(0.01, 0.22, -0.04, 0.25, start=0.022, end=0.018),
            foot,
            leg,
            "leg",
            "toe",
            "thick-toe",
            slot="feet",
            only="parrot",
            shade=shade,
        )
        k.add(
            poly(0.0, 0.2, 0.12, 0.255, 0.06, 0.25, 0.03, 0.265, -0.03, 0.25),
            foot,
            leg,
            "leg",
            "web",
            "webbed-foot",
            slot="feet",
            only="duck",
            shade=shade,
        )
    _tails(k, body, plumage, coverts)
    k.add(
        blob(-0.28, 0.02, -0.12, -0.12, 0.1, -0.16, 0.23, -0.1, 0.26, 0.04, 0.12, 0.18, -0.1, 0.18),
        plumage,
        body,
        "torso",
    )
    k.add(blob(0.24, -0.06, 0.26, 0.06, 0.12, 0.18, -0.06, 0.18, 0.08, 0.1), breast, body, "torso", "breast", ink=0.5)
    k.add(blob(0.05, -0.03, -0.1, -0.08, -0.34, 0.06, -0.2, 0.12, 0.0, 0.1), coverts, wing, "wing", shade=0.9)
    k.add(blob(0.0, -0.02, -0.12, -0.05, -0.2, 0.03, -0.08, 0.06), plumage, wing, "wing", "wing-covert", ink=0.6)
    for y in (0.05, 0.08):
        k.add(
            stroke(-0.08, y, -0.2, y + 0.01, -0.31, y + 0.005, start=0.008),
            plumage,
            wing,
            "wing",
            "quill",
            ink=0.5,
            shade=0.6,
        )
    k.add(stroke(-0.03, 0.08, 0.03, -0.04, 0.08, -0.14, start=0.12, end=0.085), plumage, neck, "neck", ink=0.4)
    k.add(
        stroke(-0.04, -0.02, 0.03, 0.03, 0.11, 0.02, start=0.018),
        breast,
        neck,
        "neck",
        "neck-ring",
        slot="plumage",
        only="duck",
        ink=0.4,
    )
    _crests(k, head, coverts, plumage)
    k.add(ellipse(0.01, -0.02, 0.115, 0.105), plumage, head, "head")
    _beaks(k, head, beak)
    k.add(ellipse(0.045, -0.04, 0.03, 0.029), eye_white, head, "head", "eye", ink=0.8)
    k.add(ellipse(0.05, -0.04, 0.017), pupil, head, "head", "pupil", ink=0.2)
    return k


def _tails(k: Kind, body: int, plumage: int, coverts: int) -> None:
    root = k.joint(body, (-0.22, 0.03), turn=(-14, 14), wide=(0.85, 1.2))
    k.add(
        poly(0.04, -0.06, -0.22, -0.04, -0.22, 0.04, 0.04, 0.07),
        coverts,
        root,
        "tail",
        "",
        "square-tail",
        slot="tail",
        only="finch",
        shade=0.85,
    )
    for y in (-0.03, 0.02, 0.07):
        k.add(
            stroke(0.02, 0.0, -0.14, y, -0.32, 2.2 * y, start=0.032, end=0.008),
            plumage,
            root,
            "tail",
            "tail-feather",
            "streamer-tail",
            slot="tail",
            only="parrot",
            shade=0.9,
        )
    k.add(
        blob(0.05, -0.06, -0.1, -0.08, -0.17, -0.14, -0.15, -0.03, -0.02, 0.07),
        coverts,
        root,
        "tail",
        "",
        "upturned-tail",
        slot="tail",
        only="duck",
    )
    k.add(
        stroke(-0.1, -0.09, -0.13, -0.15, -0.08, -0.16, start=0.014, end=0.008),
        plumage,
        root,
        "tail",
        "curl",
        "upturned-tail",
        slot="tail",
        only="duck",
    )
    for y in (-0.09, -0.03, 0.03, 0.09):
        k.add(
            stroke(0.02, 0.0, -0.22, y, start=0.02, end=0.036),
            coverts,
            root,
            "tail",
            "tail-feather",
            "fan-tail",
            slot="tail",
            only="hoopoe",
            shade=0.85,
        )


def _beaks(k: Kind, head: int, beak: int) -> None:
    bill = k.joint(head, (0.1, -0.005), turn=(-6, 6), scale=(0.9, 1.15))
    k.add(
        poly(-0.01, -0.045, 0.1, 0.005, -0.01, 0.05), beak, bill, "head", "beak", "cone-beak", slot="beak", only="finch"
    )
    k.add(
        stroke(0.0, 0.005, 0.085, 0.005, start=0.006),
        beak,
        bill,
        "head",
        "gape",
        "cone-beak",
        slot="beak",
        only="finch",
        shade=0.4,
        ink=0,
    )
    k.add(
        blob(-0.02, -0.06, 0.06, -0.05, 0.1, 0.03, 0.07, 0.09, 0.055, 0.03, -0.02, 0.04),
        beak,
        bill,
        "head",
        "beak",
        "hooked-beak",
        slot="beak",
        only="parrot",
    )
    k.add(
        ellipse(0.015, -0.025, 0.012),
        beak,
        bill,
        "head",
        "nostril",
        "hooked-beak",
        slot="beak",
        only="parrot",
        shade=0.4,
        ink=0,
    )
    k.add(
        blob(-0.02, -0.035, 0.06, -0.01, 0.15, -0.01, 0.16, 0.03, 0.06, 0.045, -0.02, 0.04),
        beak,
        bill,
        "head",
        "beak",
        "flat-bill",
        slot="beak",
        only="duck",
    )
    k.add(
        stroke(0.0, 0.02, 0.14, 0.015, start=0.006),
        beak,
        bill,
        "head",
        "gape",
        "flat-bill",
        slot="beak",
        only="duck",
        shade=0.45,
        ink=0,
    )
    k.add(
        stroke(-0.02, -0.01, 0.12, 0.01, 0.25, 0.07, start=0.028, end=0.006),
        beak,
        bill,
        "head",
        "beak",
        "long-bill",
        slot="beak",
        only="hoopoe",
    )


def _crests(k: Kind, head: int, coverts: int, plumage: int) -> None:
    top = k.joint(head, (-0.02, -0.1), turn=(-12, 12), scale=(0.85, 1.15))
    for x in (-0.04, 0.01):
        k.add(
            stroke(0.0, 0.03, x - 0.05, -0.06, x - 0.1, -0.07, start=0.025, end=0.008),
            coverts,
            top,
            "head",
            "crest",
            "swept-crest",
            slot="crest",
            only="parrot",
        )
    for turn in (-50, -20, 10):
        x, y = -0.1 * (turn + 20) / -50 - 0.02, -0.13 + abs(turn + 20) * 0.001
        k.add(
            stroke(0.0, 0.04, x, y, start=0.018, end=0.03),
            coverts,
            top,
            "head",
            "crest",
            "fan-crest",
            slot="crest",
            only="hoopoe",
        )
        k.add(
            ellipse(x, y, 0.022), plumage, top, "head", "crest-tip", "fan-crest", slot="crest", only="hoopoe", shade=0.4
        )
    k.add(
        blob(-0.06, 0.03, 0.0, -0.02, 0.09, 0.03, 0.08, 0.06, -0.04, 0.06),
        coverts,
        top,
        "head",
        "cap",
        "dark-cap",
        slot="crest",
        only="finch",
        shade=0.6,
    )
