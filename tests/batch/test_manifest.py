from __future__ import annotations

from pathlib import Path

import pytest

from comfy_gen.batch.job import JobStatus, make_job
from comfy_gen.batch.manifest import DONE, FAILED, PARTIAL, Manifest, Record, is_done, key_of, record_of
from comfy_gen.comfyui.tracker import Ending, Outcome
from comfy_gen.errors import EngineLostError, OutputPathError


def record(name="a", **given):
    return Record(job=name, **{"key": "k", "status": DONE, **given})


def ended(status=JobStatus.COMPLETED, **given):
    job = make_job("a", {"1": {"class_type": "A"}}, {"workflow": "w.json", "set": {"seed": "1"}})
    job.status = status
    for name, value in given.items():
        setattr(job, name, value)
    return job


def test_newest_record_of_a_job_counts(tmp_path):
    manifest = Manifest(tmp_path)
    for one in (record("a", status=FAILED), record("b"), record("a", files=("a-1.png",))):
        manifest.append(one)
    assert manifest.read() == {"a": record("a", files=("a-1.png",)), "b": record("b")}


def test_folder_without_a_manifest_has_no_records(tmp_path):
    assert Manifest(tmp_path).read() == {}


@pytest.mark.parametrize("torn", ['{"job": "b", "ke', "[]", "null", '{"job": 1}', "\x00"])
def test_line_that_is_torn_or_foreign_is_passed_over(tmp_path, torn):
    manifest = Manifest(tmp_path)
    manifest.append(record("a"))
    with manifest.path.open("a") as file:
        file.write(torn)
    manifest.append(record("c"))
    assert list(manifest.read()) == ["a", "c"]


def test_record_may_have_more_than_is_known(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.path.write_text('{"job": "a", "key": "k", "status": "done", "colour": "red"}\n')
    assert manifest.read() == {"a": record("a")}


def test_folder_in_place_of_the_file_is_told(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.path.mkdir()
    with pytest.raises(OutputPathError):
        manifest.read()
    with pytest.raises(OutputPathError):
        manifest.append(record())


def test_record_says_what_became_of_the_job():
    job = ended(collected=[Path("out/a-1.png")], engine="http://e", prompt_id="p", attempts=2, started=1.0, ended=2.5)
    told = record_of(job)
    assert (told.status, told.files, told.engine, told.attempts) == (DONE, ("a-1.png",), "http://e", 2)
    assert (told.seconds, told.workflow, told.set, told.error) == (1.5, "w.json", {"seed": "1"}, None)
    assert set(told.as_json()) == {
        *("job", "key", "status", "files", "engine", "prompt_id", "attempts", "seconds", "workflow", "set")
    }


def test_record_says_why_a_job_failed():
    lost = record_of(ended(JobStatus.FAILED, error=EngineLostError("http://e", "p", "gone")))
    assert (lost.status, lost.error["code"]) == (FAILED, "engine_lost")
    assert record_of(ended(JobStatus.FAILED, error=KeyError("x"))).error == {
        "code": "internal",
        "message": "KeyError: 'x'",
        "hint": "",
    }


def test_partial_result_is_not_done():
    job = ended(outcome=Outcome("p", Ending.PARTIAL, {}, ("dropped",)))
    assert (record_of(job).status, record_of(job).problems) == (PARTIAL, ("dropped",))


@pytest.mark.parametrize(
    ("given", "present", "done"),
    [
        ({"files": ("a-1.png",)}, {"a-1.png", "x"}, True),
        ({"files": ("a-1.png",)}, {"x"}, False),
        ({"files": ("a-1.png",), "status": FAILED}, {"a-1.png"}, False),
        ({"files": ("a-1.png",), "status": PARTIAL}, {"a-1.png"}, False),
        ({"files": ("a-1.png",), "key": "another"}, {"a-1.png"}, False),
        ({"files": ()}, set(), False),
    ],
)
def test_job_is_done_when_it_succeeded_as_it_is_and_its_files_are_there(given, present, done):
    job = ended()
    assert is_done(job, record(**{"key": key_of(job), **given}), present) is done


def test_job_without_a_record_is_not_done():
    assert not is_done(ended(), None, {"a-1.png"})


def test_any_character_may_be_in_a_value(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.append(record("a", set={"prompt": "one\u2028two\x85three"}))
    assert manifest.read()["a"].set == {"prompt": "one\u2028two\x85three"}


@pytest.mark.parametrize(
    "line",
    [
        "[" * 200_000,
        '{"job":"a","key":"b","status":"done","files":5}',
        '{"job":"a","key":"b","status":"done","files":[1]}',
    ],
    ids=["deep", "number", "numbers"],
)
def test_line_that_is_none_of_ours_is_passed_over(line):
    assert Record.from_line(line) is None
