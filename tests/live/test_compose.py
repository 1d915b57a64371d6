"""Composing for a real ComfyUI: its tiny checkpoint and LoRA stand for those that categories name."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.contracts.graphs import CHECKPOINT, LORA
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.comfyui.server import ComfyUI

ASKED = {"input": "@portrait @outdoor {red|blue} scarf, natural lighting", "seed": 7}
QUICK = {"width": 256, "height": 256, "steps": 2}
"""What is asked for besides: a real engine takes its time for pictures."""


@pytest.fixture(scope="module")
def served(comfyui: ComfyUI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service that calls models as this ComfyUI does."""
    folder = tmp_path_factory.mktemp("compose")
    mapped = f"add_detail.safetensors={LORA},*={CHECKPOINT}"
    environment = environment_of(comfyui.url, folder, COMFYGEN_COMPOSITION_MODELS=mapped)
    with ServedProcess(folder, environment) as served:
        yield served


@pytest.fixture(scope="module")
def composed(served: ServedProcess) -> dict[str, Any]:
    """What was told of a recipe and the picture that was started of it."""
    status, told = served.ask("/compose", {**ASKED, **QUICK})
    assert status == 202, told
    assert served.ended(told["generation_id"])["status"] == "completed"
    return told


def test_recipe_names_what_this_engine_has(composed: dict[str, Any]) -> None:
    recipe = composed["recipe"]
    assert recipe["checkpoint"] == CHECKPOINT
    assert [one["filename"] for one in recipe["loras"]] == [LORA]
    assert composed["categories_used"] == ["portrait", "outdoor", "lighting"]
    assert recipe["positive_prompt"].startswith(f"{recipe['expansions'][0]['chosen']} scarf, natural lighting")


def test_library_knows_what_it_was_made_with(served: ServedProcess, composed: dict[str, Any], comfyui: ComfyUI) -> None:
    kept = served.ask(f"/library/{composed['generation_id']}")[1]
    system = requests.get(f"{comfyui.url}/system_stats", timeout=30).json()["system"]
    assert kept["comfyui_version"] == system["comfyui_version"]
    assert (kept["recipe"], kept["recipe_id"]) == (composed["recipe"], composed["recipe_id"])
    assert {(one["folder"], one["file"]) for one in kept["models"]} == {("checkpoints", CHECKPOINT), ("loras", LORA)}
    assert (kept["seed"], kept["categories"]) == (7, composed["categories_used"])


def test_recipe_is_made_again_by_its_id(served: ServedProcess, composed: dict[str, Any]) -> None:
    again = served.ask("/generate/sync", {"recipe_id": composed["recipe_id"]})[1]
    assert again["status"] == "completed", again["message"]
    assert hashes(again) == hashes(served.ask(f"/result/{composed['generation_id']}")[1])
    other = served.ask("/generate/sync", {"recipe_id": composed["recipe_id"], "seed": 8})[1]
    assert hashes(other) != hashes(again)


def test_rerun_gives_the_same_bytes(served: ServedProcess, composed: dict[str, Any], comfyui: ComfyUI) -> None:
    first = composed["generation_id"]
    forget(comfyui)
    status, again = served.ask(f"/library/{first}/rerun", raw=b"")
    assert status == 202
    assert hashes(served.ended(again["id"])) == hashes(served.ask(f"/result/{first}")[1])
    compared = served.ask(f"/library/{first}/diff/{again['id']}")[1]
    assert compared["is_same_outcome"]
    assert {one["field"].partition(".")[0] for one in compared["differences"]} <= {"timings", "verdicts"}


def test_recipe_of_a_favorite_is_adapted_and_made(served: ServedProcess, composed: dict[str, Any]) -> None:
    favorite = served.ask("/favorites", {"generation_id": composed["generation_id"], "rating": 5})[1]
    extracted = served.ask(f"/favorites/{favorite['id']}/extract-recipe", {"target_categories": ["car"]})[1]
    assert extracted["recipe"]["checkpoint"] == CHECKPOINT
    made = served.ask("/generate/sync", {"recipe_id": extracted["recipe_id"]})[1]
    assert made["status"] == "completed", made["message"]


def test_command_composes_and_saves(comfyui: ComfyUI, tmp_path: Path) -> None:
    environment = environment_of(comfyui.url, tmp_path, COMFYGEN_COMPOSITION_MODELS=f"*={CHECKPOINT}")
    words = [
        "@cat on a sofa",
        "--width",
        "256",
        "--height",
        "256",
        "--steps",
        "2",
        "--seed",
        "7",
        "-o",
        "pictures",
        "--json",
    ]
    command = [sys.executable, "-m", "comfy_gen", "compose", *words]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    (picture,) = (tmp_path / "pictures").iterdir()
    assert picture.read_bytes().startswith(b"\x89PNG")


def forget(comfyui: ComfyUI) -> None:
    """Have ComfyUI forget what it has computed, so that it computes it again."""
    requests.post(f"{comfyui.url}/free", json={"free_memory": True, "unload_models": True}, timeout=30)


def hashes(result: dict[str, Any]) -> list[str]:
    return [one["sha256"] for one in result["output"]]
