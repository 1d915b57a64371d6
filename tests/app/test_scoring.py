"""Single pictures are judged a few at a time, and nobody waits for long."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest
from PIL import Image

from comfy_gen.app import scoring as module
from comfy_gen.app.scoring import Scoring
from comfy_gen.config import Settings
from comfy_gen.errors import InputImageError, InvalidParameterError, ScoringBusyError, ScoringModelError
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.scoring.similarity import Score
from comfy_gen.validation.thresholds import Thresholds
from tests.tiny_clip import build


class Scorer:
    """Answers when it is let, or fails."""

    model = "made-up"

    def __init__(self, error=None):
        self.error = error
        self.may = asyncio.Event()
        self.waiting = 0
        self.most = 0

    def prepare(self):
        pass

    async def scores(self, pictures, prompt, negative_prompt):
        del pictures, prompt, negative_prompt
        if self.error is not None:
            raise self.error
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.may.wait()
        self.waiting -= 1
        return [Score(0.3, None, None)]


def settings(model="", folder=None):
    usual = Settings()
    quality = replace(usual.quality, model=str(model), device="cpu", offline=True)
    return replace(usual, quality=quality, jobs=replace(usual.jobs, data_dir=folder or usual.jobs.data_dir))


async def chunks(content):
    yield content[:100]
    yield content[100:]


def picture():
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(buffer, "png")
    return buffer.getvalue()


async def scored(scoring, content=None):
    return await scoring.score(
        chunks(content or picture()), source="a.png", prompt="a fox", negative_prompt="", quality=Quality()
    )


def scoring_by(scorer, **options):
    return Scoring(settings("/secret/place/model"), lambda: Gate(Thresholds(None), scorer), **options)


async def test_no_more_pictures_are_in_memory_than_may_be():
    scorer = Scorer()
    scoring = scoring_by(scorer)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        tasks = [group.create_task(scored(scoring)) for _ in range(5)]
        while scorer.waiting < module.AT_ONCE:
            await asyncio.sleep(0.01)
        scorer.may.set()
    assert {task.result().passed for task in tasks} == {True}
    assert scorer.most == module.AT_ONCE


async def test_nobody_waits_longer_than_the_patience():
    with pytest.raises(ScoringBusyError):
        await scored(scoring_by(Scorer(), patience=0.05))


async def test_why_a_model_cannot_be_loaded_is_for_the_log(caplog):
    error = ScoringModelError("/secret/place/model", "/secret/place/model/config.json is torn")
    with pytest.raises(ScoringModelError) as caught:
        await scored(scoring_by(Scorer(error)))
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"
    assert "config.json is torn" in caplog.text


async def test_model_that_is_not_there_is_told_without_its_place():
    with pytest.raises(ScoringModelError) as caught:
        await Scoring(settings("/secret/place/model"), lambda: None).gate()
    assert "secret" not in caught.value.message


async def test_without_a_model_nothing_is_compared():
    with pytest.raises(InvalidParameterError, match="a score needs one"):
        await Scoring(settings(), lambda: None).gate()


@pytest.mark.parametrize("content", [b"no picture at all", picture()[:-200]])
async def test_what_does_not_open_is_refused(content):
    with pytest.raises(InputImageError):
        await scored(scoring_by(Scorer()), content)


async def test_too_large_a_file_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 50)
    with pytest.raises(InputImageError, match="more than"):
        await scored(scoring_by(Scorer()))


async def test_gate_is_made_once_where_no_worker_has_one(tmp_path):
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    scoring = Scoring(settings(build(tmp_path / "model"), tmp_path), lambda: None)
    verdict = await scored(scoring)
    assert verdict.model == "model"
    assert verdict.score is not None
    assert await scoring.gate() is await scoring.gate()
