from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest
from PIL import Image

from comfy_gen.app.gating import build_gate, thresholds_file
from comfy_gen.config import Settings
from comfy_gen.errors import InvalidParameterError, MissingExtraError, ScoringModelError
from comfy_gen.validation.calibration import Calibration, Spread
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.thresholds import Thresholds
from tests.tiny_clip import build

BEST_OF = Quality(best_of=2)
SPREAD = Spread(count=8, least=0.3, lower=0.35, median=0.4, upper=0.45, most=0.5, passed=1.0)
LEARNT = Calibration(threshold=0.375, pairs=8, auc=1.0, own=SPREAD, other=SPREAD, at=0.0)


def settings(folder, model):
    default = Settings()
    quality = replace(default.quality, model=str(model), device="cpu", offline=True)
    return replace(default, quality=quality, jobs=replace(default.jobs, data_dir=folder))


def test_gate_without_a_model_says_so_and_refuses_what_needs_scores(tmp_path):
    gate = build_gate(settings(tmp_path, ""))
    gate.check(Quality())
    with pytest.raises((InvalidParameterError, MissingExtraError)):
        gate.check(BEST_OF)
    assert len(gate.notes) == 1


def test_gate_without_the_extra_is_one_without_a_model(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError):
        build_gate(settings(tmp_path, "some/model")).check(BEST_OF)


async def test_gate_compares_with_the_model_and_the_thresholds_of_the_settings(tmp_path):
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    said = settings(tmp_path, build(tmp_path / "model"))
    gate = build_gate(said)
    gate.check(BEST_OF)
    assert gate.notes == []
    Thresholds(thresholds_file(said)).keep(said.quality.model, LEARNT)
    picture = Image.effect_noise((64, 64), 80)
    (verdict,) = await gate.judge([await gate.look(picture)], Quality(), prompt="a fox", negative_prompt="")
    assert verdict.model == "model"  # and not where it is
    assert verdict.score is not None
    assert (verdict.threshold, verdict.threshold_source) == (LEARNT.threshold, "calibrated")


@pytest.mark.parametrize("model", ["./nowhere", "some/model-that-nobody-fetched"])
def test_model_that_should_be_here_and_is_not_is_told_at_once(tmp_path, model):
    with pytest.raises(ScoringModelError) as caught:
        build_gate(settings(tmp_path, model))
    assert caught.value.is_local
