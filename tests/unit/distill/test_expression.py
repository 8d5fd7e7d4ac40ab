"""Objectives as text, weights as others state them, and presets."""

import pytest

from kdissect.distill import (
    AT,
    CE,
    CRD,
    KD,
    PRESETS,
    SS,
    TF,
    Method,
    Objective,
    Permuted,
    as_objective,
    parse_objective,
    sskd,
)  # fmt: skip
from kdissect.distill.presets import brodenette, cifar, paper_fair, paper_release
from kdissect.distill.published import paper_kd, repdistiller, torchdistill_kd
from kdissect.errors import SpecError


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        ("CE", as_objective(CE())),
        ("CE + KD(T=4)", CE() + KD(temperature=4)),
        ("0.1*CE + KD(temperature=2) * 3.6", 0.1 * CE() + 3.6 * KD(temperature=2)),
        ("0.5*(CE() + KD)", 0.5 * CE() + 0.5 * KD()),
        ("KD/2 + CE", 0.5 * KD() + CE()),
        ('CE + 1000*AT("layer3", "layer4")', CE() + 1000 * AT(layers=("layer3", "layer4"))),
        ('CE + AT(layers="layer3",)', None),
        ("CE + AT(layers=('layer3',))", CE() + AT(layers=("layer3",))),
        (
            "CE + KD(T=4, control=Permuted(classes='across', seed=3))",
            CE() + KD(temperature=4, control=Permuted(classes="across", seed=3)),
        ),
        ("SSKD(kd_weight=0)", CE() + 10 * SS() + 2.7 * TF()),
        ("0.8*CRD(negatives=100)", as_objective(0.8 * CRD(negatives=100))),
    ],
)
def test_a_text_is_read_as_it_would_be_written_in_python(text: str, objective: Objective | None) -> None:
    if objective is None:
        with pytest.raises(SpecError, match="AT: layers: "):
            parse_objective(text)
    else:
        assert parse_objective(text) == objective


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CE + kd", "no term 'kd'; there are CE, LS, .* did you mean KD"),
        ("CE +", "cannot read the objective 'CE \\+'; expected something like"),
        ("CE + 3", "terms are added"),
        ("3", "has no term"),
        ("CE - KD", "expected terms, numbers, \\+ and \\*"),
        ("KD(4)", "KD takes its settings by name"),
        ("KD(temprature=4)", "KD: temprature: Extra inputs are not permitted"),
        ("KD(T=-1)", "KD: temperature: .*greater than 0"),
        ("__import__('os').system('true')", "expected terms, numbers"),
        ("open('x')", "no term 'open'"),
        ("CE * KD", "got CE \\* KD"),
        ("-1 * CE", "Weighted: weight: .*greater than or equal to 0"),
        ("0 * CE", "a weight above 0"),
    ],
)
def test_a_text_that_means_nothing_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        parse_objective(text)
    assert "\n" not in str(caught.value)


def test_alpha_is_translated() -> None:
    assert paper_kd(alpha=0.75, temperature=2) == torchdistill_kd(alpha=0.25, temperature=2)
    assert paper_kd(alpha=0.25, temperature=4).formula == "0.75*CE + 0.25*KD(T^2*KL(t||s), T=4, batchmean)"
    assert torchdistill_kd(alpha=0.25, temperature=4).formula == "0.25*CE + 0.75*KD(T^2*KL(t||s), T=4, batchmean)"
    assert torchdistill_kd(alpha=1, beta=2, temperature=1).formula == "CE + 2*KD(T^2*KL(t||s), T=1, batchmean)"
    assert repdistiller(gamma=1, alpha=1, beta=0.8, feature=CRD()) == CE() + KD(temperature=4) + 0.8 * CRD()
    assert repdistiller(gamma=0.1, alpha=0.9) == 0.1 * CE() + 0.9 * KD(temperature=4)
    with pytest.raises(SpecError, match="expected 0 to 1, got 2"):
        paper_kd(alpha=2, temperature=1)
    with pytest.raises(SpecError, match="pass feature="):
        repdistiller(gamma=1, alpha=1, beta=3)


def test_the_presets_are_values() -> None:
    for preset in PRESETS:
        methods = preset()
        assert len({method.name for method in methods}) == len(methods)
        for method in methods:
            assert Method.from_json(method.model_dump_json()) == method
            assert method.objective.needs_teacher == (method.teacher != "none")


def test_the_release_is_literal() -> None:
    release = {method.name: method for method in paper_release()}
    assert release["KD"].objective.formula == "0.5*CE + 0.5*KD(T^2*KL(t||s), T=1, batchmean)"
    assert release["KD-from-LS"].objective.formula == "0.1*CE + 0.9*KD(T^2*KL(t||s), T=2, batchmean)"
    assert release["AT"].objective.formula == "0.1*CE + 1000*AT(mean (Q_s-Q_t)^2, layer3, layer4)"
    assert [release[name].recipe.batch_size for name in ("KD", "AT", "CRD", "SSKD")] == [256, 512, 85, 85]
    assert release["FT"].recipe.epochs == 90
    rates = [release["KD"].recipe.rate(epoch * 10, 1000) for epoch in (0, 29, 30, 60, 90)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.001, 0.0001])
    assert release["FT"].recipe.rate(899, 900) == pytest.approx(0.001)  # the third decay never comes
    assert not release["KD"].recipe.nesterov
    assert "CE" not in release["CRD"].objective.named


def test_the_fair_preset_has_equal_budgets_and_every_comparison_of_the_paper() -> None:
    fair = {method.name: method for method in paper_fair(epochs=5)}
    assert len({method.recipe.digest() for method in fair.values()}) == 1
    compared = {"scratch", "LS", "KD", "Self-KD", "AT", "FT", "CRD", "SSKD", "AT+KD", "FT+KD", "CRD+KD", "SSKD+KD"}
    assert compared <= set(fair)
    for name in ("AT", "FT", "CRD", "SSKD"):
        kinds = {type(part.term).__name__ for part in fair[name].objective.terms}
        assert not kinds & {"KD", "TF"}, "without logits"
    assert fair["KD-from-LS-T8"].teacher == "label smoothing"
    assert len({method.recipe.digest() for method in brodenette()}) == 1
    assert cifar()[0].recipe.rate(149 * 100, 24000) == pytest.approx(0.05)
    assert cifar()[0].recipe.rate(150 * 100, 24000) == pytest.approx(0.005)


def test_sskd_is_its_parts() -> None:
    assert sskd() == CE() + 0.9 * KD(temperature=4) + 10 * SS() + 2.7 * TF()
