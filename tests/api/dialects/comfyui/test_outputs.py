from __future__ import annotations

from dataclasses import replace

from comfy_gen.api.dialects.comfyui.outputs import placed, told_outputs
from tests.api.dialects.comfyui.dossiers import JOB, PLACE, artifact, dossier, file, history


def test_files_are_in_places_of_ours_and_all_else_is_as_the_engine_said():
    output = {
        "gifs": [file("sub/a.mp4", format="video/h264-mp4", fullpath="/srv/a.mp4")],
        "text": ["x"],
        "animated": True,
    }
    assert placed(JOB, "2", output) == {
        "gifs": [{"filename": "a.mp4", "subfolder": PLACE, "type": "output", "format": "video/h264-mp4"}],
        "text": ["x"],
        "animated": True,
    }


def test_files_that_were_not_kept_are_not_told():
    outputs = {
        "2": {"images": [file(), file("withheld.png")], "animated": [False]},
        "3": {"images": [file("temp.png", type="temp")]},
        "4": {"text": ["a fox"], "none": []},
    }
    told = told_outputs(dossier(said=history(outputs), artifacts=[artifact()]))
    assert told == {
        "2": {"images": [file(subfolder=PLACE)], "animated": [False]},
        "4": {"text": ["a fox"], "none": []},
    }


def test_job_whose_words_are_not_kept_is_told_by_its_files():
    kept = [artifact(), artifact("a.glb", "5", "3d"), artifact("a.latent", "5", "file")]
    places = {"2": {"images": [file(subfolder=PLACE)]}}
    others = {"5": {"3d": [file("a.glb", subfolder=f"{JOB}/5")], "files": [file("a.latent", subfolder=f"{JOB}/5")]}}
    for said in (None, history(None)):
        assert told_outputs(dossier(said=said, artifacts=kept)) == places | others


def test_words_of_another_take_than_the_chosen_one_do_not_count():
    said = history({"2": {"images": [file("second.png")]}}, take=2)
    assert told_outputs(dossier(said=said, artifacts=[artifact()])) == {"2": {"images": [file(subfolder=PLACE)]}}
    chosen = dossier(said=said, artifacts=[replace(artifact(), filename="second.png")], take=2)
    assert told_outputs(chosen) == {"2": {"images": [file("second.png", subfolder=PLACE)]}}
