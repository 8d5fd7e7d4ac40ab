"""Precision and compilation: chosen, refused, kept."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from kdissect.data import Dataset
from kdissect.distill import AT, CE, CRD, KD, Term, as_objective
from kdissect.errors import SpecError
from kdissect.models import Network
from kdissect.training import Distiller, Recipe, Seen, Teacher, fit, hardware


def test_bf16_is_refused_where_the_hardware_has_none(
    blobs: Dataset, tiny: Network, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "fast_bf16", lambda _device: False)
    with pytest.raises(SpecError, match="no bfloat16 hardware, and without it training is 10 times slower; use fp32"):
        fit(tiny, as_objective(CE()), blobs, recipe.changed(precision="bf16"), seed=0)
    plain = fit(tiny, as_objective(CE()), blobs, recipe, seed=0)
    auto = fit(tiny, as_objective(CE()), blobs, recipe.changed(precision="auto"), seed=0)
    assert plain.curve[-1]["loss"] == auto.curve[-1]["loss"]


class Kinds(Term):
    """Looks at the types of what it sees."""

    @property
    def formula(self) -> str:
        return "Kinds"

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        assert seen.student.dtype == torch.float32
        assert not torch.is_autocast_enabled("cpu")
        return CE().loss(seen)


def test_in_half_precision_networks_run_and_losses_do_not(
    blobs: Dataset, tiny: Network, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "fast_bf16", lambda _device: True)
    teacher = Teacher(tiny.build(9), tiny)
    objective = CE() + KD() + 10 * AT() + CRD(negatives=20, width=4) + Kinds()
    ends = [
        fit(tiny, objective, blobs, recipe.changed(precision=precision), seed=0, teacher=teacher).curve[0]["loss"]
        for precision in ("fp32", "bf16")
    ]
    assert ends[0] != ends[1]
    assert ends[1] == pytest.approx(ends[0], rel=0.02)


@pytest.mark.parametrize(
    ("plain", "compiled", "steps", "pays"), [(3, 1, 1000, True), (3, 1, 1, False), (1, 3, 1000, False)]
)
def test_compilation_pays_if_what_remains_is_longer_than_compiling(
    plain: int, compiled: int, steps: int, pays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a clock of our own: the first compiled step takes 100 seconds."""
    now, calls = 0.0, 0

    def step() -> None:
        nonlocal now
        now += plain

    def compiled_step() -> None:
        nonlocal now, calls
        calls += 1
        now += 100 if calls == 1 else compiled

    monkeypatch.setattr(hardware.time, "perf_counter", lambda: now)
    found, words = hardware.compilation_pays(step, compiled_step, steps)
    assert found == pays
    assert f"step {plain * 1000:.1f} ms, compiled {compiled * 1000:.1f} ms after 100 s" in words


def test_a_resumed_run_keeps_the_choice_that_it_began_with(
    blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kdissect.training import trainee

    compiled: list[int] = []
    monkeypatch.setattr(Distiller, "compile_networks", lambda _self: compiled.append(1))
    monkeypatch.setattr(trainee, "compilation_pays", lambda *_args: (True, "tried"))
    auto = recipe.changed(compile="auto")

    def stop(_images: int) -> None:
        nonlocal steps
        steps += 1
        if steps == 6:
            raise KeyboardInterrupt

    steps = 0
    with pytest.raises(KeyboardInterrupt):
        fit(tiny, as_objective(CE()), blobs, auto, seed=0, checkpoints=tmp_path, key={"a": 1}, progress=stop)
    assert compiled == [1, 1]  # the copy that was tried, and the run
    monkeypatch.setattr(trainee, "compilation_pays", lambda *_args: pytest.fail("it was tried again"))
    resumed = fit(tiny, as_objective(CE()), blobs, auto, seed=0, checkpoints=tmp_path, key={"a": 1})
    assert compiled == [1, 1, 1]
    assert resumed.compiled == "compiled"
