"""Which threshold counts for a model."""

from __future__ import annotations

import json
import logging

import pytest

from comfy_gen.errors import InvalidParameterError, OutputPathError, ThresholdFileError
from comfy_gen.validation.calibration import learn
from comfy_gen.validation.thresholds import DEFAULT, Threshold, Thresholds, key_of

CLIP = "openai/clip-vit-base-patch32"


def calibration(own=0.4, other=0.2):
    similarities = [[own if row == column else other for column in range(8)] for row in range(8)]
    return learn(similarities, [f"thing {number}" for number in range(8)], at=7.0)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "thresholds.json"


@pytest.fixture
def thresholds(file):
    return Thresholds(file)


def test_default_counts_where_nothing_is_known(thresholds):
    assert thresholds.of(CLIP) == Threshold(DEFAULT, "default") == Threshold(0.25, "default")
    assert Thresholds(None).of(CLIP) == Threshold(DEFAULT, "default")
    assert Thresholds(None).kept() == {}


def test_learnt_threshold_counts_for_its_model_alone(thresholds):
    thresholds.keep(CLIP, calibration())
    assert thresholds.of(CLIP) == Threshold(pytest.approx(0.3), "calibrated")
    assert thresholds.of("google/siglip-base-patch16-224").source == "default"


def test_given_threshold_goes_before_the_learnt_one(thresholds):
    thresholds.keep(CLIP, calibration())
    assert thresholds.of(CLIP, given=0.0) == Threshold(0.0, "given")


def test_several_models_are_kept_side_by_side(thresholds, file):
    kept = {CLIP: calibration(), "another": calibration(own=0.6)}
    for name, one in kept.items():
        thresholds.keep(name, one)
    assert Thresholds(file).kept() == kept
    assert [path.name for path in file.parent.iterdir()] == ["thresholds.json"]


def test_running_worker_takes_a_new_calibration(thresholds, file):
    other_process = Thresholds(file)
    assert thresholds.of(CLIP).source == "default"
    other_process.keep(CLIP, calibration())
    assert thresholds.of(CLIP).value == pytest.approx(0.3)
    other_process.keep(CLIP, calibration(own=0.6))
    assert thresholds.of(CLIP).value == pytest.approx(0.4)
    other_process.forget(CLIP)
    assert thresholds.of(CLIP).source == "default"


def test_deleted_file_is_forgotten(thresholds, file):
    thresholds.keep(CLIP, calibration())
    assert thresholds.of(CLIP).source == "calibrated"
    file.unlink()
    assert thresholds.of(CLIP).source == "default"


def test_folder_is_one_model_however_it_is_named(thresholds, tmp_path, monkeypatch):
    folder = tmp_path / "clip"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    thresholds.keep("clip", calibration())
    assert list(thresholds.kept()) == [str(folder)] == [key_of("./clip")]
    assert thresholds.of(str(folder)).source == "calibrated"
    assert thresholds.of("../" + tmp_path.name + "/clip").source == "calibrated"


def test_folder_that_is_gone_can_be_forgotten(thresholds, tmp_path, monkeypatch):
    folder = tmp_path / "clip"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    thresholds.keep("clip", calibration())
    folder.rmdir()
    assert thresholds.forget("clip") == str(folder)
    assert thresholds.kept() == {}


def test_nothing_is_the_name_of_no_folder():
    assert key_of("") == ""


def test_what_was_not_learnt_cannot_be_forgotten(thresholds):
    with pytest.raises(InvalidParameterError, match="there is none"):
        thresholds.forget(CLIP)
    thresholds.keep(CLIP, calibration())
    with pytest.raises(InvalidParameterError, match=f"one of {CLIP}"):
        thresholds.forget("clip")


DAMAGED = [b"", b'{"models": {', b"\xff\xfe", b"[" * 100_000, b"[]", b'{"models": []}', b'{"models": {"a": {}}}']


@pytest.mark.parametrize("content", DAMAGED)
def test_worker_goes_on_by_the_default_and_warns_once_of_a_damaged_file(thresholds, file, caplog, content):
    thresholds.keep(CLIP, calibration())
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert [thresholds.of(CLIP).source for _ in range(3)] == ["default"] * 3
    assert [record.message for record in caplog.records] == [caplog.messages[0]]
    assert str(file) in caplog.messages[0]
    file.unlink()
    thresholds.keep(CLIP, calibration())
    assert thresholds.of(CLIP).source == "calibrated"


@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_file_is_told_and_never_written_over(thresholds, file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    for act in (thresholds.kept, lambda: thresholds.keep(CLIP, calibration()), lambda: thresholds.forget(CLIP)):
        with pytest.raises(ThresholdFileError) as caught:
            act()
    assert str(file) in caught.value.message
    assert file.read_bytes() == content


def test_file_that_cannot_be_read_is_told(thresholds, file):
    file.mkdir(parents=True)
    with pytest.raises(ThresholdFileError, match="directory"):
        thresholds.kept()


def test_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(OutputPathError):
        Thresholds(tmp_path / "data" / "thresholds.json").keep(CLIP, calibration())


def test_nothing_can_be_kept_without_a_place():
    with pytest.raises(OutputPathError, match="no folder is set"):
        Thresholds(None).keep(CLIP, calibration())


def test_what_others_wrote_beside_the_models_does_no_harm(thresholds, file):
    file.parent.mkdir()
    file.write_text(json.dumps({"models": {CLIP: {**calibration().as_json(), "remark": "of May"}}, "version": 2}))
    assert thresholds.of(CLIP).source == "calibrated"
