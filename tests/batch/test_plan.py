from __future__ import annotations

import json

import pytest

from comfy_gen.batch.change import Change
from comfy_gen.batch.plan import BatchRequest, make_jobs, read_sheet, read_variation
from comfy_gen.batch.sheet import Row
from comfy_gen.batch.vary import Variation
from comfy_gen.errors import InvalidParameterError, InvalidRequestError, WorkflowNotFoundError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("w/b", "w/a", "v/a"):
        path = tmp_path / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"1": {"class_type": "EmptyImage", "inputs": {"width": 8, "color": 0}}}))
    (tmp_path / "empty").mkdir()
    return tmp_path


def names(*files, **given):
    return [job.job_id for job in make_jobs(BatchRequest(files, **given))]


def test_files_and_folders_are_run_in_their_order():
    assert names("w") == ["a", "b"]
    assert names("w/b.json", "w") == ["b", "a"]


def test_same_names_are_told_apart_whatever_their_case(folder):
    (folder / "v/A.json").write_bytes((folder / "v/a.json").read_bytes())
    assert names("w/a.json", "v/a.json", "v/A.json") == ["a", "a-2", "A-3"]


def test_template_is_a_workflow_too():
    assert names("sd15") == ["sd15"]


def test_line_of_a_table_is_for_its_file_or_for_all():
    rows = (Row(2, "v/a.json"), Row(3, changes=(Change("1.color", "5"),)), Row(4, name="x y/z"))
    assert names("w/b.json", rows=rows) == ["a-line2", "b-line3", "x-y-z"]


def test_changes_come_in_the_order_settings_line_variation():
    jobs = make_jobs(
        BatchRequest(
            ("w/a.json",),
            settings=(Change("1.color", "1"), Change("1.width", "16")),
            rows=(Row(2, changes=(Change("1.color", "2"),)),),
            variations=(Variation("1.color", ("3",)),),
        )
    )
    assert jobs[0].workflow["1"]["inputs"] == {"width": 16, "color": 3}
    assert jobs[0].metadata == {"workflow": "w/a.json", "set": {"1.color": "3", "1.width": "16"}}


def test_everything_that_is_wrong_is_told_at_once(folder):
    (folder / "w/c.json").write_text("{")
    with pytest.raises(InvalidRequestError) as caught:
        make_jobs(BatchRequest(("w",), settings=(Change("1.widht", "1"),)))
    assert len(caught.value.errors) == 3


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (BatchRequest(()), InvalidParameterError),
        (BatchRequest(("empty",)), InvalidParameterError),
        (BatchRequest(("nowhere.json",)), WorkflowNotFoundError),
        (BatchRequest(("w",), variations=(Variation("1.color", tuple("1" * 60_000)),)), InvalidParameterError),
    ],
)
def test_what_gives_no_jobs_is_refused(request_, error):
    with pytest.raises(error):
        make_jobs(request_)


def test_table_and_values_are_read_from_files(folder):
    (folder / "t.csv").write_text("\ufeffseed\n7\n", encoding="utf-8")
    (folder / "p.txt").write_text("a\nb\n")
    assert read_sheet("t.csv") == (Row(2, changes=(Change("seed", "7"),)),)
    assert read_variation("prompt=@p.txt").texts == ("a", "b")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_file_that_cannot_be_read_is_refused(folder, content):
    if content is not None:
        (folder / "t.csv").write_bytes(content)
    with pytest.raises(InvalidParameterError, match=r"t\.csv"):
        read_sheet("t.csv")
