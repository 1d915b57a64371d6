"""``comfygen quality``: what people see of scores and thresholds."""

from __future__ import annotations

import sys

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.taught_clip import PROMPTS, picture, teach

pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    return teach(tmp_path_factory.mktemp("taught"))


@pytest.fixture
def quality(comfygen, tmp_path, monkeypatch, taught):
    """The command line with a data folder of its own, and the tiny model."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", str(taught))
    monkeypatch.setenv("COMFYGEN_QUALITY_DEVICE", "cpu")
    return lambda *arguments: comfygen("quality", *arguments)


@pytest.fixture
def pictures(tmp_path):
    """A folder of pictures, each with its prompt beside it."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, prompt in enumerate(PROMPTS):
        picture(number).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(prompt)
    return folder


@pytest.fixture
def without_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)


def with_prompt(path, number, prompt, negative="blurry"):
    info = PngInfo()
    info.add_text("parameters", f"{prompt}\nNegative prompt: {negative}\nSteps: 20, Sampler: Euler, CFG scale: 7")
    picture(number).save(path, pnginfo=info)
    return path


def test_picture_that_fits_its_prompt_passes(quality, pictures):
    said = quality("score", pictures / "0.png", "--prompt", PROMPTS[0])
    assert said.code == 0
    assert "0.png" in said.out
    assert "yes" in said.out
    assert "pass from 0.250 on: the default" in said.err


def test_picture_that_does_not_fit_fails_and_says_why(quality, pictures, taught):
    said = quality("score", pictures / "0.png", pictures / "1.png", "--prompt", PROMPTS[0], "--json")
    first, second = said.json["pictures"]
    assert (said.code, said.json["passed"], said.json["model"]) == (1, False, str(taught))
    assert (first["passed"], second["passed"]) == (True, False)
    assert (first["threshold"], first["threshold_source"], first["prompt"]) == (0.25, "default", PROMPTS[0])
    assert "below 0.250" in second["reason"]
    assert (first["score"], second["score"]) == (pytest.approx(1, abs=0.01), pytest.approx(0.2, abs=0.01))


def test_thresholds_may_be_given(quality, pictures):
    options = ("--prompt", PROMPTS[0], "--negative-prompt", PROMPTS[1])
    strict = quality("score", pictures / "2.png", *options, "--positive-threshold", "0.21")
    assert strict.code == 1
    assert "below 0.210" in strict.out
    assert "as you say" in strict.err
    assert "negative" in strict.out
    near = quality("score", pictures / "0.png", *options, "--delta-threshold", "0.3", "--json").json["pictures"][0]
    assert (near["passed"], near["negative_prompt"]) == (True, PROMPTS[1])
    assert near["score_delta"] == pytest.approx(near["score"] - near["negative_score"])
    assert quality("score", pictures / "0.png", *options, "--delta-threshold", "0.99").code == 1


def test_threshold_that_cannot_work_is_refused(quality, pictures):
    said = quality("score", pictures / "0.png", "--prompt", "a fox", "--positive-threshold", "20")
    assert said.code == 2
    assert "positive_threshold is 20" in said.err


def test_prompt_of_the_picture_is_used_and_told(quality, tmp_path):
    fitting, other = (with_prompt(tmp_path / f"{name}.png", 3, PROMPTS[name]) for name in (3, 4))
    said = quality("score", fitting, other)
    assert said.code == 1
    assert f"3.png, by the prompt inside: {PROMPTS[3]}" in said.err
    assert f"4.png, by the prompt inside: {PROMPTS[4]}" in said.err
    judged = quality("score", fitting, "--json").json["pictures"][0]
    assert (judged["prompt"], judged["negative_prompt"]) == (PROMPTS[3], "blurry")
    assert judged["negative_score"] is not None


def test_picture_without_a_prompt_is_only_looked_at(quality, pictures):
    said = quality("score", pictures / "0.png")
    assert said.code == 0
    assert "sound" in said.out
    assert "score" not in said.out
    assert "0.png: no prompt inside" in said.err
    needed = quality("score", pictures / "0.png", pictures / "1.png", "--positive-threshold", "0.2")
    assert needed.code == 2
    assert "0.png and 1 more carry none" in needed.err


def test_prompt_without_words_is_refused(quality, pictures):
    said = quality("score", pictures / "0.png", "--prompt", " ")
    assert said.code == 2
    assert "--prompt" in said.err


def test_broken_pictures_fail_without_a_model(quality, tmp_path, without_extra):
    Image.new("RGB", (64, 64)).save(tmp_path / "black.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "black.png").read_bytes()[:60])
    said = quality("score", tmp_path / "black.png", tmp_path / "cut.png", "--prompt", "a fox", "--json")
    black, cut = said.json["pictures"]
    assert (said.code, black["passed"], cut["passed"]) == (1, False, False)
    assert "black" in black["reason"]
    assert "does not open" in cut["reason"]


def test_without_the_extra_pictures_are_looked_at_and_it_is_said(quality, pictures, without_extra):
    said = quality("score", pictures / "0.png", "--prompt", "a fox")
    assert said.code == 0
    assert "yes" in said.out
    assert "only looked at for what is broken" in said.err
    assert "pip install 'comfygen-server[clip]'" in said.err
    judged = quality("score", pictures / "0.png", "--prompt", "a fox", "--json").json
    assert (judged["model"], judged["error"]["code"]) == ("", "missing_extra")
    assert quality("score", pictures / "0.png", "--prompt", "a fox", "--positive-threshold", "0.2").code == 2
    assert quality("calibrate", pictures).code == 2


def test_without_a_model_nothing_is_compared(quality, pictures, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("quality: {model: ''}\n")
    monkeypatch.delenv("COMFYGEN_QUALITY_MODEL")
    said = quality("score", pictures / "0.png", "--prompt", "a fox")
    assert said.code == 0
    assert "no model is set" in said.err
    none = quality("score", pictures / "0.png", "--prompt", "a fox", "--model", "none")
    assert "no model is set" in none.err
    assert quality("score", pictures / "0.png", "--prompt", "a fox", "--model", "none", "--json").json["model"] == ""
    assert quality("score", pictures / "0.png", "--prompt", "a fox", "--positive-threshold", "0.2").code == 2
    assert "quality.model" in quality("calibrate", pictures).err


def test_model_that_is_not_there_is_told_after_what_needs_none(quality, pictures, tmp_path):
    said = quality("score", pictures / "0.png", "--prompt", "a fox", "--model", tmp_path / "none")
    assert said.code == 2
    assert "0.png" in said.out
    assert "error[scoring_model]" in said.err
    judged = quality("score", pictures / "0.png", "--prompt", "a fox", "--model", tmp_path / "none", "--json")
    assert (judged.code, judged.json["passed"], judged.json["error"]["code"]) == (2, None, "scoring_model")


def test_all_missing_pictures_are_told_at_once(quality, pictures, tmp_path):
    said = quality("score", tmp_path / "x.png", pictures / "0.png", tmp_path / "y.png", "--prompt", "a fox")
    assert said.code == 2
    assert f"{tmp_path / 'x.png'} and {tmp_path / 'y.png'}" in said.err
    assert "No such file" in said.err
    assert quality("score", tmp_path / "x.png", "--json").json["error"]["code"] == "invalid_image"


def test_calibration_is_kept_and_counts_from_then_on(quality, pictures, taught, tmp_path):
    said = quality("calibrate", pictures, "--json")
    learnt = said.json
    assert (said.code, learnt["pairs"], learnt["auc"], learnt["own"]["passed"], learnt["other"]["passed"]) == (
        0,
        10,
        1.0,
        1.0,
        0.0,
    )
    assert learnt["threshold"] == pytest.approx(0.6, abs=0.01)
    assert learnt["before"] == {"threshold": 0.25, "source": "default"}
    assert learnt["file"] == str(tmp_path / "data" / "thresholds.json")
    judged = quality("score", pictures / "0.png", "--prompt", PROMPTS[0], "--json").json["pictures"][0]
    assert (judged["threshold"], judged["threshold_source"]) == (learnt["threshold"], "calibrated")
    assert quality("thresholds", "--json").json["models"][str(taught)]["threshold"] == learnt["threshold"]


def test_calibration_tells_people_what_passes(quality, pictures):
    said = quality("calibrate", pictures)
    assert said.code == 0
    assert "their own prompts" in said.out
    assert "100%" in said.out
    assert "AUC 1.000" in said.out
    assert "it was 0.250 (default)" in said.err


def test_rehearsal_keeps_nothing(quality, pictures, tmp_path):
    said = quality("calibrate", pictures, "--dry-run")
    assert said.code == 0
    assert "Not kept: it stays at 0.250 (default)" in said.err
    assert not (tmp_path / "data" / "thresholds.json").exists()
    assert quality("calibrate", pictures, "--dry-run", "--json").json["file"] is None


def test_files_that_are_no_use_are_left_out_and_told(quality, pictures):
    (pictures / "cut.png").write_bytes((pictures / "0.png").read_bytes()[:60])
    (pictures / "cut.txt").write_text("a fox")
    Image.new("RGB", (64, 64)).save(pictures / "black.png")
    (pictures / "black.txt").write_text("a night")
    (pictures / "0.txt").unlink()
    said = quality("calibrate", pictures)
    assert said.code == 0
    assert "3 files are left out:" in said.err
    left = quality("calibrate", pictures, "--json").json["left_out"]
    assert {one["file"] for one in left} == {"cut.png", "black.png", "0.png"}
    assert all(one["reason"] for one in left)


def test_pictures_that_would_not_pass_are_named(quality, pictures):
    (pictures / "0.txt").write_text(PROMPTS[1])
    said = quality("calibrate", pictures)
    assert said.code == 0
    assert "With their own prompts 1 would not pass:" in said.err
    assert "  - 0.png: 0.200" in said.err
    assert quality("calibrate", pictures, "--json").json["not_passing"] == {"0.png": pytest.approx(0.2, abs=0.01)}


def test_too_few_pictures_are_refused_with_all_that_were_left_out(quality, pictures):
    for number in range(3):
        (pictures / f"{number}.txt").unlink()
    said = quality("calibrate", pictures)
    assert said.code == 2
    assert "7 pictures with a prompt are too few" in said.err
    assert all(f"{number}.png: it has no prompt" in said.err for number in range(3))


def test_prompts_that_fit_nothing_are_refused(quality, pictures):
    for number, prompt in enumerate(PROMPTS):
        (pictures / f"{(number + 3) % 10}.txt").write_text(prompt)
    said = quality("calibrate", pictures, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "calibration")


def test_damaged_thresholds_are_told_by_each_command(quality, pictures, tmp_path, taught):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thresholds.json").write_text("{")
    for arguments in (
        ["thresholds"],
        ["forget", taught],
        ["calibrate", pictures],
        ["score", pictures / "0.png", "--prompt", "a fox"],
    ):
        said = quality(*arguments)
        assert said.code == 2
        assert "error[threshold_file]" in said.err


def test_thresholds_are_listed_and_forgotten(quality, pictures, taught):
    assert "Nothing was learnt yet" in quality("thresholds").err
    quality("calibrate", pictures)
    listed = quality("thresholds")
    assert str(taught) in listed.out
    assert "1.000" in listed.out
    assert "from 0.25 on again" in quality("forget", taught).out
    assert quality("thresholds", "--json").json == {"default": 0.25, "models": {}}
    assert quality("forget", taught).code == 2


def test_forgetting_is_told_to_programs(quality, pictures, taught):
    quality("calibrate", pictures)
    assert quality("forget", taught, "--json").json == {"model": str(taught), "threshold": 0.25, "source": "default"}


def test_tables_fit_a_terminal(quality, pictures, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    Image.new("RGB", (64, 64)).save(tmp_path / f"{'long' * 20}.png")
    options = ("--prompt", PROMPTS[0], "--negative-prompt", "blurry")
    scored = quality("score", *sorted(pictures.glob("*.png")), tmp_path / f"{'long' * 20}.png", *options)
    learnt = quality("calibrate", pictures)
    listed = quality("thresholds")
    tables = [*scored.out.splitlines(), *learnt.out.splitlines()[1:4], *listed.out.splitlines()]
    assert max(map(len, tables)) <= 80
    assert "negative" in scored.out
    assert all(word in listed.out for word in ("from", "AUC", "age"))


def test_sample_of_many_pictures_is_enough(quality, pictures):
    for number in range(260):
        (pictures / f"more-{number}.png").hardlink_to(pictures / f"{number % 10}.png")
        (pictures / f"more-{number}.txt").write_text(PROMPTS[number % 10])
    said = quality("calibrate", pictures, "--dry-run")
    assert said.code == 0
    assert "Of 270 pictures with a prompt 256 from all over were taken" in said.err
