from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest
from PIL import Image

from comfy_gen.app.gating import build_gate, thresholds_file
from comfy_gen.config import Settings
from comfy_gen.errors import MissingExtraError
from comfy_gen.validation.calibration import Calibration
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.thresholds import Thresholds
from tests.tiny_clip import build

BEST_OF = Quality(best_of=2)


def settings(folder, model):
    default = Settings()
    quality = replace(default.quality, model=str(model), device="cpu", offline=True)
    return replace(default, quality=quality, jobs=replace(default.jobs, data_dir=folder))


def test_gate_without_a_model_says_so_and_refuses_what_needs_scores(tmp_path):
    gate = build_gate(settings(tmp_path, ""))
    gate.check(Quality())
    with pytest.raises(MissingExtraError):
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
    Thresholds(thresholds_file(said)).keep(said.quality.model, CALIBRATION)
    picture = Image.effect_noise((64, 64), 80)
    (verdict,) = await gate.judge([await gate.look(picture)], Quality(), prompt="a fox", negative_prompt="")
    assert verdict.model == said.quality.model
    assert verdict.score is not None
    assert (verdict.threshold, verdict.threshold_source) == (CALIBRATION.threshold, "calibrated")
