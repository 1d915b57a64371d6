"""``comfygen models``: what people see of the models that there are and of those that are fetched."""

from __future__ import annotations

import asyncio
import hashlib
import sys

import pytest

from comfy_gen.cli import completion
from comfy_gen.errors import ModelSourceError
from comfy_gen.models.model import Model
from comfy_gen.models.sources import Found, Searched, Sources
from tests.cli.weights import Terminal, giving, safetensors

INK = "ink.safetensors"
MANIFEST = f"""
models:
  ink:
    file: {INK}
    folder: loras
    source: {{url}}/{INK}
    title: Ink drawings
    licence: mit
    base: sdxl
    triggers: [ink]
sets:
  default: [ink]
"""


@pytest.fixture
def models(comfygen, engine, tmp_path, monkeypatch):
    """The command with a database, a folder of models and an engine of its own."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYGEN_MODELS_DIRECTORY", str(tmp_path / "models"))
    return lambda *arguments: comfygen("models", *arguments)


@pytest.fixture
def shop(models, tmp_path, monkeypatch):
    """A server that gives models away, and a manifest that names one of them as the default."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / INK).write_bytes(safetensors())
    (folder / "plain.safetensors").write_bytes(safetensors("weight"))
    (folder / "evil.pt").write_bytes(b"\x80\x04.")
    with giving(folder) as url:
        (tmp_path / "own.yaml").write_text(MANIFEST.format(url=url))
        monkeypatch.setenv("COMFYGEN_MODELS_MANIFEST", str(tmp_path / "own.yaml"))
        yield url


@pytest.fixture
def here(models, shop):
    """The command, with the default model on this machine."""
    assert models("download", "--allow-private", "-q").code == 0
    return models


# --- list


def test_models_of_engines_are_listed_by_folder(models, engine):
    said = models("list")
    assert said.code == 0
    assert engine.url in said.out
    assert ["checkpoints", "flux1-dev-fp8.safetensors"] in [line.split() for line in said.out.splitlines()]
    only = models("list", "--folder", "loras", "--json").json["engines"][0]["models"]
    assert only == {"loras": ["detail.safetensors", "watercolor.safetensors"]}


def test_engine_that_does_not_answer_is_told_with_an_exit_code(models, comfygen):
    comfygen("engines", "add", "http://127.0.0.1:1", "--name", "gone")
    said = models("list", "--engine", "gone")
    assert said.code == 1
    assert "It does not tell what it has: connection refused" in said.err
    assert models("list", "--engine", "gone", "--json").json["engines"][0]["error"] == "connection refused"


def test_engine_without_models_of_a_folder_says_so(models):
    assert "It has no models in gligen." in models("list", "--folder", "gligen").out


def test_unknown_engine_is_refused(models):
    assert models("list", "--engine", "gpu-7").code == 2


def test_several_lists_at_once_are_refused(models):
    assert models("list", "--local", "--missing").code == 2


def test_local_models_are_listed_with_what_is_known_of_them(here, tmp_path):
    (tmp_path / "models" / "vae").mkdir()
    (tmp_path / "models" / "vae" / "own.safetensors").write_bytes(safetensors())
    said = here("list", "--local")
    words = said.out.splitlines()[1].split()
    assert (words[:2], words[-2:]) == (["loras", INK], ["sdxl", "mit"])
    assert "2 in" in said.out
    assert [one["is_known"] for one in here("list", "--local", "--json").json["models"]] == [True, False]


def test_empty_folder_is_told(models):
    assert "There is no model in" in models("list", "--local").err
    assert models("list", "--local", "--json").json["models"] == []


def test_manifest_tells_what_is_here_already_and_the_sets(here):
    lines = here("list", "--manifest").out.splitlines()
    assert any(line.split()[:3] == ["ink", "yes", INK] for line in lines)
    assert any(line.split() == ["default", "ink"] for line in lines)
    told = here("list", "--manifest", "--folder", "loras", "--json").json
    assert [(one["name"], one["is_here"]) for one in told["models"]] == [("ink", True)]
    assert told["sets"]["default"] == ["ink"]


def test_missing_models_are_told_with_the_workflows_that_need_them(models):
    said = models("list", "--missing")
    assert said.code == 0  # the sandbox claims to have all that the shipped workflows need
    assert said.out.startswith("ready    ")
    assert models("list", "--missing", "--json").json["workflows"][0]["complete"] is True


def test_without_an_engine_nobody_knows_what_is_missing(models, monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    assert models("list", "--missing").code == 2


# --- download


def test_default_set_is_fetched_where_nothing_is_named(models, shop, tmp_path):
    said = models("download", "--allow-private")
    path = tmp_path / "models" / "loras" / INK
    assert said.code == 0
    assert said.out.startswith(f"Fetched {path}")
    assert path.read_bytes() == safetensors()
    assert f"Fetching {INK}" in said.err


def test_what_is_here_is_not_fetched_again(here):
    assert "it was here already" in here("download", "ink", "--allow-private").out
    assert here("download", "ink", "--allow-private", "--json").json["models"][0]["is_new"] is False


def test_url_goes_where_it_is_told_to_and_is_called_so(models, shop, tmp_path):
    place = ("--to", tmp_path / "elsewhere", "--folder", "vae", "--as", "mine/a.safetensors")
    said = models("download", f"{shop}/{INK}", *place, "--allow-private", "-q")
    assert said.out.strip() == str(tmp_path / "elsewhere" / "vae" / "mine" / "a.safetensors")


def test_rehearsal_fetches_nothing(models, shop, tmp_path):
    said = models("download", "ink", "--allow-private", "--dry-run")
    assert said.code == 0
    assert f"loras/{INK}" in said.out
    assert "Nothing was fetched;" in said.out
    told = models("download", "ink", "--allow-private", "--dry-run", "--json").json
    assert told["bytes_to_fetch"] == len(safetensors())
    assert models("download", "ink", "--allow-private", "--dry-run", "-q").out.strip().endswith(INK)
    assert not (tmp_path / "models" / "loras" / INK).exists()


def test_progress_is_told_as_lines_of_json(models, shop):
    lines = models("download", "ink", "--allow-private", "--json-progress").lines
    assert {line["type"] for line in lines[:-1]} == {"progress"}
    assert lines[-2]["phase"] == "done"
    assert lines[-1]["models"][0]["file"] == INK


def test_error_is_the_last_line_of_progress(models, shop):
    (line,) = models(
        "download", f"{shop}/none.safetensors", "--folder", "vae", "--allow-private", "--json-progress"
    ).lines
    assert line["type"] == "error"


def test_large_file_that_a_person_does_not_want_is_not_fetched(models, shop, tmp_path, monkeypatch):
    with (tmp_path / "shop" / "large.safetensors").open("wb") as file:
        file.truncate(1_100_000_000)  # no more than a number until somebody reads it
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    said = models("download", f"{shop}/large.safetensors", "--folder", "vae", "--allow-private")
    assert said.code == 1
    assert "Fetch 1.1 GB? [Y/n]" in said.out
    assert said.err.endswith("Nothing was fetched.\n")
    assert not (tmp_path / "models" / "vae").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nonsense",), "model_reference"),
        (("ink",), "model_source"),
        (("{shop}/evil.pt", "--folder", "loras", "--allow-private"), "unsafe_model"),
        (("{shop}/plain.safetensors", "--allow-private"), "model_reference"),
        (("ink", "--allow-private", "--sha256", "00" * 32), "model_integrity"),
        (("ink", "--sha256", "abc"), "invalid_parameter"),
        (("ink", "sdxl-vae", "--as", "x.safetensors"), "invalid_parameter"),
        (("ink", "--allow-private", "--as", "../x.safetensors"), "invalid_parameter"),
    ],
)
def test_what_cannot_be_or_is_not_safe_is_refused(models, shop, tmp_path, arguments, code):
    said = models("download", *(one.format(shop=shop) for one in arguments), "--json")
    assert said.code != 0
    assert said.json["error"]["code"] == code
    assert [path.name for path in tmp_path.glob("models/*/*") if not path.name.startswith(".")] == []


def test_hash_that_is_right_lets_the_file_pass(models, shop):
    right = hashlib.sha256(safetensors()).hexdigest().upper()
    assert models("download", "ink", "--allow-private", "--sha256", right).code == 0


# --- verify and remove


def test_damage_is_found(here, tmp_path):
    assert here("verify").out.splitlines()[1].split()[:2] == ["good", f"loras/{INK}"]
    path = tmp_path / "models" / "loras" / INK
    path.write_bytes(safetensors()[:-1] + b"x")
    said = here("verify", INK, "--json")
    assert said.code == 1
    assert said.json["models"][0]["state"] == "damaged"


def test_nothing_to_verify_is_told(models):
    said = models("verify")
    assert (said.code, said.out) == (0, "")
    assert "There is no model" in said.err


def test_removed_model_is_gone_and_forgotten(here, tmp_path):
    said = here("remove", INK)
    assert said.out == f"Deleted loras/{INK}; {len(safetensors())} B are free again.\n"
    assert not (tmp_path / "models" / "loras" / INK).exists()
    assert here("verify").code == 0


def test_name_of_several_files_or_of_none_removes_nothing(here, tmp_path):
    (tmp_path / "models" / "vae").mkdir()
    (tmp_path / "models" / "vae" / INK).write_bytes(safetensors())
    assert f"loras/{INK} or vae/{INK}" in here("remove", INK).err
    assert f"loras/{INK}" in here("remove", "imk.safetensors").err
    assert here("remove", f"vae/{INK}", "--json").json["removed"] == [f"vae/{INK}"]


@pytest.mark.parametrize(("answer", "is_left"), [("y", False), ("n", True)])
def test_person_is_asked_before_a_model_is_deleted(here, tmp_path, monkeypatch, answer, is_left):
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    said = here("remove", INK)
    assert f"Really delete loras/{INK}" in said.out
    assert said.code == int(is_left)
    assert (tmp_path / "models" / "loras" / INK).exists() is is_left


def test_model_that_was_deleted_by_hand_is_forgotten(here, tmp_path):
    (tmp_path / "models" / "loras" / INK).unlink()
    assert here("verify").code == 1
    assert here("remove", INK, "--json").json == {"removed": [f"loras/{INK}"], "freed": 0}
    assert here("verify", "--json").json == {"models": []}


@pytest.mark.parametrize("template", ["upscale", "sd15-inpaint"])
def test_shipped_pickle_is_refused_with_the_risk_and_the_option_in_one_line(models, template):
    said = models("download", f"template:{template}")
    assert said.code == 2
    assert "may run code when it is loaded" in said.err
    assert "--allow-pickle" in said.err
    assert said.err.count("\n") == 1


# --- search and recommend


def test_source_that_there_is_not_is_refused(models):
    assert "all, huggingface, civitai" in models("search", "ink", "--where", "shop").err


def test_source_that_does_not_answer_is_an_error(models, monkeypatch):
    monkeypatch.setenv("COMFYGEN_MODELS_CIVITAI_URL", "http://127.0.0.1:1")
    said = models("search", "ink", "--where", "civitai", "--json")
    assert said.json["error"]["code"] == "model_source"


def test_source_that_does_not_answer_is_told_beside_what_the_others_have(models, monkeypatch):
    found = Searched(
        [Found(model=Model(file=INK, folder="loras", source="hf:a/b"), where="huggingface")],
        [ModelSourceError("Civitai", "it sleeps")],
    )
    monkeypatch.setattr(Sources, "search", lambda *_, **__: asyncio.sleep(0, found))
    said = models("search", "ink")
    assert (said.code, said.err) == (0, "Civitai: it sleeps.\n")
    assert "hf:a/b" in said.out
    told = models("search", "ink", "--json").json
    assert [one["source"] for one in told["found"]] == ["hf:a/b"]
    assert [(one["source"], one["code"]) for one in told["failures"]] == [("Civitai", "model_source")]


def test_search_fails_where_no_source_answers(models, monkeypatch):
    for name in ("CIVITAI", "HUGGINGFACE"):
        monkeypatch.setenv(f"COMFYGEN_MODELS_{name}_URL", "http://127.0.0.1:1")
    said = models("search", "ink")
    assert said.code == 1
    assert "Hugging Face and Civitai" in said.err


def test_recommendations_are_for_a_device_and_a_task(models):
    told = models("recommend", "--task", "inpaint", "--vram", "8GB", "--json").json
    assert told["vram"] == 8 * 10**9
    assert {one["task"] for one in told["recommendations"]} == {"inpaint"}
    assert models("recommend", "--vram", "8GB").out.startswith("For a device with 8 GB:")


@pytest.mark.parametrize("wrong", [("--task", "dance"), ("--vram", "8")])
def test_recommendation_for_nonsense_is_refused(models, wrong):
    assert models("recommend", *wrong).code == 2


# --- what Tab offers


def test_tab_offers_models_sets_files_and_words(here):
    assert completion.models("in") == [("ink", "Ink drawings")]
    assert ("default", "ink") in completion.models("de")
    assert completion.local_models("i") == [(INK, "loras")]
    assert completion.tasks("in") == ["inpaint"]
    assert completion.sources("c") == ["civitai"]


def test_tab_says_nothing_of_a_manifest_that_is_broken(models, tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYGEN_MODELS_MANIFEST", str(tmp_path / "none.yaml"))
    assert completion.models("") == []
