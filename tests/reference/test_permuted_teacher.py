"""The causal control in a study whose truth is known: what a student takes from its teacher is told from the rest.

Classes lie in groups of similar ones. The teacher's logits say which sibling is how near, and that was drawn at random:
no image shows it, so a student has it from the teacher or not at all. Permuted teachers keep the confidence and the
entropy and say it wrongly.
"""

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from kdissect.data import ClassTree
from kdissect.distill import CE, KD, Permuted
from kdissect.measures import ClassSimilarity
from kdissect.measures.similarity_matrix import agreement, similarity_matrix
from kdissect.training import Distiller
from kdissect.training.seen import Objective
from kdissect.verdict import Arm, Sample, compare

GROUPS, MEMBERS, PIXELS, SEEDS = 3, 5, 3 * 6 * 6, 4
CLASSES = GROUPS * MEMBERS
ENTROPY, RSA = "ClassSimilarity.entropy/matched", "Transfer.similarity_rsa"
TREE = ClassTree(groups=tuple((f"g{g}", tuple(f"g{g}c{m}" for m in range(MEMBERS))) for g in range(GROUPS)))
GROUP_OF = torch.from_numpy(TREE.group_of)
SIBLINGS = (GROUP_OF[:, None] == GROUP_OF) & ~torch.eye(CLASSES, dtype=torch.bool)


class Planted(nn.Module):
    """Finds the nearest class, then says how near its siblings are."""

    def __init__(self, patterns: Tensor, similarity: Tensor) -> None:
        super().__init__()
        self.near = nn.Linear(PIXELS, CLASSES, bias=False)
        self.say = nn.Linear(CLASSES, CLASSES, bias=False)
        self.near.weight.data, self.say.weight.data = 30 * patterns, similarity

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.say(self.near(images.flatten(1)).softmax(1))
        return logits


class World:
    """Images, and the teacher."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self.patterns = torch.randn(GROUPS, PIXELS, generator=generator).repeat_interleave(MEMBERS, 0)
        self.patterns += 0.6 * torch.randn(CLASSES, PIXELS, generator=generator)
        self.patterns /= self.patterns.norm(dim=1, keepdim=True)
        drawn = torch.rand(CLASSES, CLASSES, generator=generator)
        similarity = torch.where(SIBLINGS, 2 * (drawn + drawn.T) - 1, -4.0).fill_diagonal_(6.0)
        self.teacher = Planted(self.patterns, similarity).eval()
        self.images, self.labels = self.draw(600, 1)
        self.test_images, self.test_labels = self.draw(600, 2)

    def draw(self, number: int, seed: int) -> tuple[Tensor, Tensor]:
        labels = torch.arange(number) % CLASSES
        noise = 0.1 * torch.randn(number, PIXELS, generator=torch.Generator().manual_seed(seed))
        return (self.patterns[labels] + noise).view(number, 3, 6, 6), labels

    def student(self, objective: Objective, seed: int) -> Tensor:
        """Test logits of a small network trained with an objective."""
        torch.manual_seed(seed)
        network = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, 32), nn.ReLU(), nn.Linear(32, CLASSES))
        teacher = self.teacher if objective.needs_teacher else None
        distiller = Distiller(network, teacher, objective, images=self.images[:4], groups=GROUP_OF, seed=seed)
        optimizer = torch.optim.Adam(distiller.parameters(), lr=0.01)
        for _ in range(25):
            for rows in torch.randperm(len(self.images)).split(100):
                optimizer.zero_grad()
                distiller(self.images[rows], self.labels[rows]).loss.backward()
                optimizer.step()
        network = distiller.export().eval()  # type: ignore[assignment]
        with torch.no_grad():
            logits: Tensor = network(self.test_images)
        return logits

    def similarity(self, logits: Tensor) -> Tensor:
        """Mean log-probability of each sibling, for each class."""
        told = logits.log_softmax(1)
        return torch.stack([told[self.test_labels == k].mean(0) for k in range(CLASSES)])[SIBLINGS]

    def arm(self, objective: Objective, first: int = 0) -> Arm:
        """Scores of students of several seeds."""
        with torch.no_grad():
            said = self.teacher(self.test_images)
        wanted, matrix = self.similarity(said), similarity_matrix(said, self.test_labels)
        entropies, agreements = [], []
        for seed in range(first, first + SEEDS):
            logits = self.student(objective, seed)
            scores = {one.name: one.value for one in ClassSimilarity().scores(logits, self.test_labels, TREE)}
            entropies.append(scores["entropy/matched"])
            # By hand, so that the truth of this study rests on no measure of ours.
            agreements.append(float(spearmanr(self.similarity(logits), wanted).statistic))
            ours = agreement(similarity_matrix(logits, self.test_labels), matrix, TREE)
            assert ours == pytest.approx(agreements[-1], abs=1e-5)
        return {
            ENTROPY: Sample(tuple(entropies), "higher", "nats"),
            RSA: Sample(tuple(agreements), "higher", "correlation"),
        }


@pytest.fixture(scope="module")
def arms() -> dict[str, Arm]:
    with torch.random.fork_rng(devices=[]):
        world = World()
        return {
            "scratch": world.arm(CE()),
            "KD": world.arm(CE() + KD(temperature=4)),
            "permuted": world.arm(CE() + KD(temperature=4, control=Permuted())),
            "permuted again": world.arm(CE() + KD(temperature=4, control=Permuted()), first=100),
            "within": world.arm(CE() + KD(temperature=4, control=Permuted(classes="within"))),
        }


def told(arm: Arm, reference: Arm) -> tuple[str | None, float, float]:
    """The call on the entropy; the difference of the agreement with the teacher, and its p value."""
    found = compare(arm, reference)
    (other,) = found.others
    assert other.adjusted_p is not None
    return found.families[0].call, other.difference.mean, other.adjusted_p


def test_distillation_is_told_from_scratch_by_either_score(arms: dict[str, Arm]) -> None:
    call, gain, p = told(arms["KD"], arms["scratch"])
    assert call == "raised"
    assert gain > 0.5
    assert p < 0.01


def test_distillation_is_told_from_a_permuted_teacher(arms: dict[str, Arm]) -> None:
    call, gain, p = told(arms["KD"], arms["permuted"])
    assert call == "raised"
    assert gain > 0.5
    assert p < 0.01
    # Its students agree with the true similarities no more than those that never had a teacher.
    assert told(arms["permuted"], arms["scratch"])[1] < 0.1


def test_entropy_cannot_tell_a_teacher_permuted_within_its_groups(arms: dict[str, Arm]) -> None:
    """The same numbers at other siblings have the same entropy; only the agreement knows which sibling is meant."""
    call, gain, p = told(arms["KD"], arms["within"])
    assert call == "kept"
    assert gain > 0.5
    assert p < 0.01
    # So a teacher that says the wrong similarities raises the entropy as well as one that says the right ones.
    call, _, p = told(arms["within"], arms["scratch"])
    assert call == "raised"
    assert p > 0.05


def test_the_control_with_other_seeds_is_not_told_from_itself(arms: dict[str, Arm]) -> None:
    call, _, p = told(arms["permuted"], arms["permuted again"])
    assert call in ("kept", "undecided")
    assert p > 0.05
