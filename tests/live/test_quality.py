"""The quality gate on a real ComfyUI: real pictures of a tiny checkpoint, judged by a tiny CLIP."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.contracts.graphs import CHECKPOINT
from tests.served import ServedProcess, environment_of
from tests.tiny_clip import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.comfyui.server import ComfyUI

ASKED = {
    "prompt": "a red car",
    "negative_prompt": "blurry",
    "workflow": "sd15",
    "model": CHECKPOINT,
    "width": 128,
    "height": 128,
    "steps": 3,
    "cfg": 7.0,
    "seed": 42,
}
NEVER, ALWAYS = 1.0, 0.0
"""Thresholds that nothing and anything reaches."""


@pytest.fixture(scope="module")
def environment(comfyui: ComfyUI, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("quality")
    model = build(folder / "clip")
    return environment_of(comfyui.url, folder, COMFYGEN_QUALITY_MODEL=str(model), COMFYGEN_QUALITY_OFFLINE="true")


@pytest.fixture(scope="module")
def served(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    with ServedProcess(tmp_path_factory.mktemp("served"), environment) as served:
        yield served


def test_takes_follow_by_the_strategy_until_the_limit_and_the_best_is_the_result(served: ServedProcess) -> None:
    asked = {**ASKED, "auto_retry": True, "retry_limit": 3, "positive_threshold": NEVER}
    result = served.ask("/generate/sync", asked)[1]
    assert result["status"] == "completed", result["message"]
    job = served.ask(f"/jobs/{result['id']}")[1]
    first, second, third = job["takes"]
    assert first["changes"] == {}
    assert (second["changes"]["steps"], second["changes"]["cfg"]) == (5, 7.5)
    assert (third["changes"]["steps"], third["changes"]["cfg"]) == (8, 8.0)
    scores = [take["score"] for take in job["takes"]]
    assert all(0 < score < 1 for score in scores)
    assert len({take["output"][0]["sha256"] for take in job["takes"]}) == 3
    assert result["quality"]["passed"] is False
    assert result["quality"]["score"] == max(scores)
    (best,) = [take for take in job["takes"] if take["number"] == result["quality"]["take"]]
    assert [one["sha256"] for one in result["output"]] == [one["sha256"] for one in best["output"]]
    kept = served.ask(f"/library/{result['id']}")[1]
    assert (kept["passed"], kept["score"]) == (False, max(scores))


def test_generation_of_a_later_take_is_made_again_byte_for_byte(served: ServedProcess) -> None:
    asked = {**ASKED, "seed": 43, "best_of": 3, "positive_threshold": ALWAYS}
    result = served.ask("/generate/sync", asked)[1]
    assert result["quality"]["passed"] is True
    assert result["quality"]["takes"] == 3
    again = served.ask(f"/library/{result['id']}/rerun", raw=b"")[1]
    made = served.ended(again["id"])
    assert [one["sha256"] for one in made["output"]] == [one["sha256"] for one in result["output"]]
    assert made["quality"] is None


def test_verdict_tells_the_figures_and_what_they_were_held_to(served: ServedProcess) -> None:
    result = served.ask("/generate/sync", {**ASKED, "seed": 44, "validate": True, "delta_threshold": -1.0})[1]
    (take,) = served.ask(f"/jobs/{result['id']}")[1]["takes"]
    (verdict,) = take["verdicts"]
    assert verdict["score_delta"] == pytest.approx(verdict["score"] - verdict["negative_score"], abs=1e-3)
    assert (verdict["threshold"], verdict["threshold_source"]) == (0.25, "default")
    assert {finding["check"] for finding in verdict["findings"]} >= {"size", "black", "blur", "duplicate"}
    assert all(finding["passed"] for finding in verdict["findings"])


def test_command_judges_and_keeps_the_best(environment: dict[str, str], tmp_path: Path) -> None:
    words = ["a red car", "-w", "sd15", "--model", CHECKPOINT, "--steps", "2", "--width", "128", "--height", "128"]
    more = ["--seed", "7", "--best-of", "2", "--positive-threshold", "0", "-o", "pictures", "--json"]
    (tmp_path / "pictures").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "comfy_gen", "generate", *words, *more],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (made,) = json.loads(done.stdout)["files"]
    assert made["quality"]["passed"] is True
    assert len(list((tmp_path / "pictures").iterdir())) == 1
