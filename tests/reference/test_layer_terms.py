"""Each term on layers a second time: naive, float64, with NumPy; targets and parts as the terms make them."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kdissect.distill import (
    AT,
    CATKD,
    CRD,
    E2KD,
    FT,
    OFAKD,
    PKT,
    RKD,
    SP,
    SS,
    VID,
    FitNet,
    Objective,
    ReviewKD,
    SimKD,
    Term,
    as_objective,
)  # fmt: skip
from kdissect.distill.terms.review_kd import hierarchical
from kdissect.distill.terms.sskd import best_of_the_wrong
from kdissect.training import Distiller, Seen, Taught

Array = NDArray[np.float64]
IMAGES, CLASSES = 5, 4


class Net(nn.Module):
    """Two stages and a classifier, in float64 without batch norm, so that everything can be differentiated exactly."""

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.stage1 = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1), nn.Softplus())
        self.stage2 = nn.Sequential(nn.Conv2d(width, 2 * width, 3, 2, 1), nn.Softplus())
        self.fc = nn.Linear(2 * width, CLASSES)
        self.double()

    def forward(self, images: Tensor) -> Tensor:
        maps = self.stage2(self.stage1(images))
        logits: Tensor = self.fc(maps.mean((2, 3)))
        return logits


def setting(term: Term) -> tuple[Distiller, Seen, Term, nn.Module | None]:
    """The term bound to two networks, and what it sees of some images."""
    images = torch.rand(IMAGES, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    labels = torch.arange(IMAGES) % CLASSES
    torch.manual_seed(3)
    module = Distiller(Net(3, 0), Net(4, 1), as_objective(term), images=images, num_images=9)
    module.double().train()
    views = {view: torch.rot90(images, k + 1, (2, 3)) for k, view in enumerate(module.views)}
    targets = module.teach(images, labels, views)
    seen = module.see(images, labels, torch.arange(IMAGES) + 1, targets, views, 7)
    name = type(term).__name__
    return module, module.bound._own(seen, name), term, module.bound._part(name)  # type: ignore[attr-defined]


def value(term: Term) -> tuple[float, Distiller, Seen, nn.Module | None]:
    module, seen, term, part = setting(term)
    return term.loss(seen, part).item(), module, seen, part


def array(tensor: Tensor) -> Array:
    return tensor.detach().double().numpy()


def teacher_maps(module: Distiller, layer: str) -> Array:
    images = torch.rand(IMAGES, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    taught: Taught = Taught(torch.arange(IMAGES), *_read(module, images))
    return array(taught.maps[layer])


def _read(module: Distiller, images: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
    assert module.teacher is not None
    with torch.no_grad():
        logits, maps = module.teacher(images)
    return logits, maps


def unit(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_at() -> None:
    found, module, seen, _ = value(AT())
    total = 0.0
    for layer in ("stage1", "stage2"):
        q = [
            unit((maps**2).mean(1).reshape(IMAGES, -1))
            for maps in (array(seen.maps[layer]), teacher_maps(module, layer))
        ]
        total += ((q[0] - q[1]) ** 2).mean()
    assert found == pytest.approx(total, abs=1e-12)


def test_at_brings_maps_of_other_sizes_to_the_smaller() -> None:
    found, module, seen, _ = value(AT(layers=("stage2",), teacher=("stage1",)))
    energy = (teacher_maps(module, "stage1") ** 2).mean(1)
    pooled = energy.reshape(IMAGES, 4, 2, 4, 2).mean((2, 4))
    q = [unit(maps.reshape(IMAGES, -1)) for maps in ((array(seen.maps["stage2"]) ** 2).mean(1), pooled)]
    assert found == pytest.approx(((q[0] - q[1]) ** 2).mean(), abs=1e-12)


def test_ft() -> None:
    found, module, seen, part = value(FT())
    assert part is not None
    student = array(part.translator(seen.maps["stage2"])).reshape(IMAGES, -1)  # type: ignore[operator]
    teacher = part.paraphraser.encoder(torch.from_numpy(teacher_maps(module, "stage2")))  # type: ignore[union-attr, operator]
    expected = np.abs(unit(student) - unit(array(teacher).reshape(IMAGES, -1))).mean()
    assert found == pytest.approx(expected, abs=1e-12)


def test_fts_paraphraser_has_the_squared_error_of_its_drawing() -> None:
    module, _, term, part = setting(FT())
    stage = term.teacher_stage(part)
    assert stage is not None
    maps = torch.from_numpy(teacher_maps(module, "stage2"))
    again = part.paraphraser.decoder(part.paraphraser.encoder(maps))  # type: ignore[union-attr, operator]
    taught = Taught(torch.arange(IMAGES), torch.zeros(IMAGES, CLASSES), {"stage2": maps})
    assert stage.loss(taught, {}).item() == pytest.approx(((array(again) - array(maps)) ** 2).mean())


def test_fitnet() -> None:
    found, module, seen, part = value(FitNet())
    assert part is not None
    (weight, norm) = part.regress[0].weight, part.regress[1]  # type: ignore[index, union-attr]
    x = np.einsum("oc,bchw->bohw", array(weight)[:, :, 0, 0], array(seen.maps["stage1"]))
    x = (x - x.mean((0, 2, 3), keepdims=True)) / np.sqrt(x.var((0, 2, 3), keepdims=True) + norm.eps)
    expected = ((np.maximum(x, 0) - teacher_maps(module, "stage1")) ** 2).mean()
    assert found == pytest.approx(expected, abs=1e-10)


def test_vid() -> None:
    found, module, seen, part = value(VID())
    assert part is not None
    total = 0.0
    for k, layer in enumerate(("stage1", "stage2")):
        mean = array(part.means[k](seen.maps[layer]))  # type: ignore[index, operator]
        variance = np.log1p(np.exp(array(part.scales[k]))) + 1e-5  # type: ignore[index]
        assert variance == pytest.approx(np.full_like(variance, 5.0), abs=1e-4)
        v = variance[None, :, None, None]
        total += 0.5 * ((mean - teacher_maps(module, layer)) ** 2 / v + np.log(v)).mean()
    assert found == pytest.approx(total, abs=1e-6)


def test_sp() -> None:
    found, module, seen, _ = value(SP())
    grams = []
    for maps in (array(seen.maps["stage2"]), teacher_maps(module, "stage2")):
        flat = maps.reshape(IMAGES, -1)
        grams.append(unit(flat @ flat.T))
    assert found == pytest.approx(((grams[0] - grams[1]) ** 2).sum() / IMAGES**2, abs=1e-12)


def huber(difference: Array) -> Array:
    size = np.abs(difference)
    return np.where(size < 1, size**2 / 2, size - 0.5)


def test_rkd() -> None:
    found, module, seen, _ = value(RKD(distance_weight=2, angle_weight=3))
    distances, angles = [], []
    for x in (array(seen.maps["embedding"]), teacher_maps(module, "embedding")):
        d = np.array([[math.dist(a, b) for b in x] for a in x])
        distances.append(d / d[d > 0].mean())
        angle = np.zeros((IMAGES, IMAGES, IMAGES))
        for i in range(IMAGES):
            for j in range(IMAGES):
                for m in range(IMAGES):
                    a, b = x[j] - x[i], x[m] - x[i]
                    if i not in (j, m):
                        angle[i, j, m] = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        angles.append(angle)
    expected = 2 * huber(distances[0] - distances[1]).mean() + 3 * huber(angles[0] - angles[1]).mean()
    assert found == pytest.approx(expected, abs=1e-6)


def test_pkt() -> None:
    found, module, seen, _ = value(PKT())
    p = []
    for x in (array(seen.maps["embedding"]), teacher_maps(module, "embedding")):
        similarity = (unit(x) @ unit(x).T + 1) / 2
        p.append(similarity / similarity.sum(1, keepdims=True))
    assert found == pytest.approx((p[1] * np.log((p[1] + 1e-7) / (p[0] + 1e-7))).mean(), abs=1e-12)


def test_cat_kd() -> None:
    found, module, seen, _ = value(CATKD())
    assert module.teacher is not None
    cells = []
    for maps in (array(seen.maps["class_maps"]), teacher_maps(module, "class_maps")):
        pooled = maps.reshape(IMAGES, CLASSES, 2, 2, 2, 2).mean((3, 5)).reshape(IMAGES, CLASSES, 4)
        cells.append(unit(pooled))
    assert found == pytest.approx(((cells[0] - cells[1]) ** 2).mean(), abs=1e-12)


def test_class_maps_are_the_last_maps_weighted_by_the_classifier() -> None:
    module, seen, _, _ = setting(CATKD())
    net = module.student.network
    logits = array(seen.maps["class_maps"]).mean((2, 3)) + array(net.fc.bias)  # type: ignore[arg-type, union-attr]
    assert logits == pytest.approx(array(seen.student))


def test_e2kd() -> None:
    """With a mean and a linear layer behind the maps a Grad-CAM is the class's weights times the maps, above zero."""
    found, module, seen, _ = value(E2KD())
    assert module.teacher is not None
    images = torch.rand(IMAGES, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    classes = _read(module, images)[0].argmax(1).numpy()
    cams = []
    for maps, net in (
        (array(seen.maps["stage2"]), module.student.network),
        (teacher_maps(module, "stage2"), module.teacher.network),
    ):
        weight = array(net.fc.weight)[classes]  # type: ignore[arg-type, union-attr]
        cams.append(np.maximum(np.einsum("bc,bchw->bhw", weight, maps), 0).reshape(IMAGES, -1))
    lengths = np.linalg.norm(cams[0], axis=1) * np.linalg.norm(cams[1], axis=1)
    assert (lengths == 0).any(), "an image without evidence for its class is part of the test"
    cosine = (cams[0] * cams[1]).sum(1) / np.where(lengths == 0, 1, lengths)
    assert found == pytest.approx((1 - cosine).mean(), abs=1e-9)


def test_review_kds_error_is_a_mean_over_levels() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 3, 4, 8, 8))
    expected, weights = 0.0, 0.0
    for weight, level in ((1, 8), (0.5, 4), (0.25, 2), (0.125, 1)):
        pooled = [x.reshape(3, 4, level, 8 // level, level, 8 // level).mean((3, 5)) for x in (a, b)]
        expected, weights = expected + weight * ((pooled[0] - pooled[1]) ** 2).mean(), weights + weight
    assert hierarchical(*map(torch.from_numpy, (a, b))).item() == pytest.approx(expected / weights)
    found, module, seen, part = value(ReviewKD(width=5))
    assert part is not None
    fused = part([seen.maps["stage1"], seen.maps["stage2"]])
    both = [hierarchical(own, torch.from_numpy(teacher_maps(module, f"stage{k + 1}"))) for k, own in enumerate(fused)]
    assert found == pytest.approx(sum(one.item() for one in both))


def test_sim_kd() -> None:
    found, module, seen, _ = value(SimKD())
    assert seen.maps["stage2"].shape[1] == 8  # projected to the teacher's width
    assert found == pytest.approx(((array(seen.maps["stage2"]) - teacher_maps(module, "stage2")) ** 2).mean())
    assert module.teacher is not None
    pooled = array(seen.maps["stage2"]).mean((2, 3))
    fc = module.teacher.network.fc
    logits = pooled @ array(fc.weight).T + array(fc.bias)  # type: ignore[arg-type, union-attr]
    assert array(seen.student) == pytest.approx(logits)


@pytest.mark.parametrize("exponent", [1.0, 1.4])
def test_ofa_kd(exponent: float) -> None:
    found, module, seen, part = value(OFAKD(exponent=exponent))
    assert part is not None
    images = torch.rand(IMAGES, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    teacher = array(torch.softmax(_read(module, images)[0], 1))
    exits = [array(part.exits[k](seen.maps[f"stage{k + 1}"])) for k in range(2)]  # type: ignore[index, operator]
    total = 0.0
    for logits in (array(seen.student), *exits):
        log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        for row, label in enumerate(seen.labels.tolist()):
            for k in range(CLASSES):
                weight = (teacher[row, k] + (k == label)) ** exponent - (k == label)
                total -= weight * log_p[row, k] / IMAGES
    assert found == pytest.approx(total, abs=1e-9)


def test_crd() -> None:
    """The loss from the drawn negatives, and where the banks go."""
    term = CRD(negatives=6, width=3, temperature=0.5, momentum=0.5)
    _, seen, _, part = setting(term)
    assert part is not None
    banks = [array(part.teacher_bank).copy(), array(part.student_bank).copy()]  # type: ignore[arg-type]
    known = part.labels.clone().numpy()  # type: ignore[union-attr, operator]
    indices = np.arange(IMAGES) + 1
    known[indices] = seen.labels
    drawn = torch.randint(9, (6,), generator=torch.Generator().manual_seed(7)).numpy()
    vectors = [
        unit(array(part.of_student(seen.maps["embedding"]))),  # type: ignore[operator]
        unit(array(part.of_teacher(seen.target["embedding"]))),  # type: ignore[operator]
    ]
    total = 0.0
    for anchor, bank in zip(vectors, banks, strict=True):
        valid = known[drawn][None, :] != seen.labels.numpy()[:, None]
        scale = 6 / np.maximum(valid.sum(1), 1)
        positive = np.exp((anchor * bank[indices]).sum(1) / 0.5)
        negative = np.exp(anchor @ bank[drawn].T / 0.5)
        z = 9 * (positive.sum() + (negative * valid * scale[:, None]).sum()) / (IMAGES * 7)
        noise = 6 / 9  # m Pn
        right = np.log(positive / z / (positive / z + noise + 1e-7))
        wrong = np.log(noise / (negative / z + noise + 1e-7))
        total -= (right + scale * (wrong * valid).sum(1)).mean()
    assert term.loss(seen, part).item() == pytest.approx(total, abs=1e-5)
    moved = unit(banks[1][indices] * 0.5 + vectors[0] * 0.5)
    assert array(part.student_bank)[indices] == pytest.approx(moved, abs=1e-6)  # type: ignore[arg-type]
    assert array(part.student_bank)[0] == pytest.approx(banks[1][0])  # type: ignore[arg-type]


def test_ss() -> None:
    term = SS(width=4, wrong_share=0.5)
    found, _, seen, part = value(term)
    assert part is not None
    views = [seen, *(seen.views[v] for v in ("rot90", "rot180", "rot270"))]
    student = [unit(array(part.student(view.maps["embedding"]))) for view in views]  # type: ignore[operator]
    teacher = [array(view.target["vector"]) for view in views]
    rows = []
    for k in (1, 2, 3):
        for image in range(IMAGES):
            s, t = student[0] @ student[k][image], teacher[0] @ teacher[k][image]
            p, q = (np.exp(x / 0.5) / np.exp(x / 0.5).sum() for x in (s, t))
            rows.append(((t > t[image]).sum(), (q * np.log(q / p)).sum()))
    wrong = sorted((row for row in rows if row[0] > 0), key=lambda row: row[0])
    kept = [row for row in rows if row[0] == 0] + wrong[: len(wrong) // 2]
    assert found == pytest.approx(0.25 * sum(v for _, v in kept) / len(kept), abs=1e-9)


def test_the_best_of_the_wrong() -> None:
    scores = torch.tensor([[3.0, 2, 1], [3.0, 2, 1], [3.0, 2, 1], [3.0, 2, 1]])
    right = torch.tensor([0, 2, 1, 2])
    assert best_of_the_wrong(scores, right, 0.34).tolist() == [True, False, True, False]
    assert best_of_the_wrong(scores, right, 0.0).tolist() == [True, False, False, False]
    assert best_of_the_wrong(scores, right, 0.67).sum() == 3


@pytest.mark.parametrize(
    "term",
    [
        AT(),
        FT(),
        FitNet(),
        VID(),
        SP(),
        ReviewKD(width=4),
        SimKD(),
        CATKD(),
        E2KD(),
        OFAKD(),
        RKD(),
        PKT(),
        SS(width=4),
    ],
    ids=lambda term: type(term).__name__,
)  # fmt: skip
def test_gradients(term: Term) -> None:
    """The gradient to the student's first layer, against differences."""
    module, _, _, _ = setting(term)
    images = torch.rand(IMAGES, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    labels = torch.arange(IMAGES) % CLASSES
    weight = next(p for name, p in module.student.named_parameters() if "stage1" in name)
    views = {view: torch.rot90(images, k + 1, (2, 3)) for k, view in enumerate(module.views)}
    targets = module.teach(images, labels, views)

    def loss() -> Tensor:
        result: Tensor = module(images, labels, torch.arange(IMAGES), targets, views, 7).loss
        return result

    (gradient,) = torch.autograd.grad(loss(), weight)
    direction = torch.randn(weight.shape, generator=torch.Generator().manual_seed(4)).double()
    with torch.enable_grad():  # some terms differentiate on their own
        ends = []
        for sign in (1, -1):
            weight.data += sign * 1e-5 * direction
            ends.append(loss().item())
            weight.data -= sign * 1e-5 * direction
    assert (gradient * direction).sum().item() == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-7)


def test_an_objective_of_layers_is_the_sum_of_its_terms() -> None:
    objective: Objective = 2 * AT() + 3 * SP()
    alone = [value(term)[0] for term in (AT(), SP())]
    images = torch.rand(IMAGES, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    module = Distiller(Net(3, 0), Net(4, 1), objective, images=images).double()
    out = module(images, torch.arange(IMAGES) % CLASSES)
    assert out.loss.item() == pytest.approx(2 * alone[0] + 3 * alone[1])
