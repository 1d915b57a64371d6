"""The documented validator, with the real classes of `transformers` on a tiny model."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import comfy_gen.validation
from comfy_gen.errors import MissingExtraError, ScoringModelError
from comfy_gen.validation import ImageValidator, clip, validate_image
from comfy_gen.validation.scoring import loading
from tests.tiny_clip import tiny_clip

__all__ = ["tiny_clip"]


@pytest.fixture
def validator(tiny_clip):
    return ImageValidator(str(tiny_clip), device="cpu")


@pytest.fixture
def car(tmp_path):
    path = tmp_path / "car.png"
    Image.effect_noise((40, 30), 60).convert("RGB").save(path)
    return str(path)


def test_its_attributes_are_those_documented(validator):
    assert validator.device == "cpu"
    assert type(validator.model).__name__ == "CLIPModel"
    assert type(validator.processor).__name__ == "CLIPProcessor"


def test_documented_example_of_compute_clip_score(validator, car):
    scores = validator.compute_clip_score(car, "a red sports car", "multiple cars, duplicate")
    assert set(scores) == {"positive_score", "negative_score", "score_delta"}
    assert 0 < scores["positive_score"] < 1
    assert scores["score_delta"] == scores["positive_score"] - scores["negative_score"] != 0


@pytest.mark.parametrize("negative", [None, "", "  ", "<lora:paint:0.8>"])
def test_without_a_negative_prompt_there_is_one_score(validator, car, negative):
    assert set(validator.compute_clip_score(car, "a red car", negative)) == {"positive_score"}


def test_documented_example_of_validate_image(validator, car):
    result = validator.validate_image(car, "a red sports car", "multiple cars", positive_threshold=0.28)
    assert set(result) == {"passed", "reason", "positive_score", "negative_score", "score_delta"}
    assert result["passed"] is (result["positive_score"] >= 0.28)


def test_it_passes_from_the_threshold_on(validator, car):
    score = validator.compute_clip_score(car, "a red car")["positive_score"]
    assert validator.validate_image(car, "a red car", positive_threshold=score)["passed"] is True
    result = validator.validate_image(car, "a red car", positive_threshold=score + 0.001)
    assert result["passed"] is False
    assert result["reason"] == f"its similarity to the prompt is {score:.3f}, below {score + 0.001:.3f}"


def test_the_delta_counts_where_both_are_given(validator, car):
    delta = validator.compute_clip_score(car, "a red car", "a fox")["score_delta"]
    asked = {"positive_prompt": "a red car", "positive_threshold": 0.0}
    assert validator.validate_image(car, **asked, negative_prompt="a fox", delta_threshold=delta)["passed"]
    assert validator.validate_image(car, **asked, delta_threshold=2.0)["passed"]
    missed = validator.validate_image(car, **asked, negative_prompt="a fox", delta_threshold=delta + 0.5)
    assert (missed["passed"], "negative" in missed["reason"]) == (False, True)


def test_the_marks_of_a_prompt_do_not_count(validator, car):
    marked = validator.compute_clip_score(car, "(a red:1.3) car <lora:paint:0.8>", "((a fox))")
    assert marked == validator.compute_clip_score(car, "a red car", "a fox")


def test_a_long_prompt_is_cut(validator, car):
    assert validator.compute_clip_score(car, "a very long text " * 500)["positive_score"] > 0


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK", "I;16", "LA"])
def test_pictures_of_all_modes_are_read(validator, tmp_path, mode):
    path = tmp_path / "picture.tiff"
    Image.new("L", (20, 30), 90).convert(mode).save(path) if mode != "I;16" else Image.new(mode, (9, 9)).save(path)
    assert "error" not in validator.compute_clip_score(path, "a car")


def huge() -> bytes:
    """The head of a PNG that says it has more pixels than anybody draws."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 90_000, 90_000, 8, 2, 0, 0, 0) + bytes(4)


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\nxxxx", "half", huge()])
def test_a_picture_that_cannot_be_read_is_an_error_in_the_result(validator, tmp_path, car, content):
    path = tmp_path / "broken.png"
    if content == "half":
        content = Path(car).read_bytes()[:700]
    if content is not None:
        path.write_bytes(content)
    scores = validator.compute_clip_score(str(path), "a car", "a fox")
    assert set(scores) == {"error"}
    assert str(path) in scores["error"]
    result = validator.validate_image(str(path), "a car")
    assert result == {"passed": False, "reason": scores["error"], "positive_score": 0.0, "error": scores["error"]}


def test_a_folder_is_no_picture(validator, tmp_path):
    assert "error" in validator.compute_clip_score(tmp_path, "a car")


def test_a_second_validator_loads_nothing(validator, tiny_clip):
    assert ImageValidator(str(tiny_clip), device="cpu").model is validator.model


def test_the_function_takes_the_default_model(validator, tiny_clip, monkeypatch, car):
    asked = []

    class Models:
        def get(self, name, **options):
            asked.append((name, options))
            return loading.MODELS.get(str(tiny_clip), device="cpu")

    monkeypatch.setattr(clip, "MODELS", Models())
    result = validate_image(car, "a beautiful sunset", positive_threshold=0.25)
    assert asked == [("openai/clip-vit-base-patch32", {"device": "auto", "offline": False})]
    assert result == validator.validate_image(car, "a beautiful sunset")


def test_weights_that_are_not_there_are_an_error_of_the_constructor(tmp_path):
    with pytest.raises(ScoringModelError, match="no such folder"):
        ImageValidator(str(tmp_path / "none"))


def test_without_the_extra_it_says_what_to_install(monkeypatch, tiny_clip):
    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="clip"):
        ImageValidator(str(tiny_clip), offline=True)


def test_importing_it_loads_nothing_heavy():
    names = "'torch', 'transformers', 'PIL', 'numpy', 'huggingface_hub', 'comfy_gen.validation.scoring'"
    script = f"import sys, comfy_gen.validation; sys.exit(str([n for n in ({names}) if n in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = comfy_gen.validation.nothing
    assert comfy_gen.validation.__all__ == ["ImageValidator", "validate_image"]
