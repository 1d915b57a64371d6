"""``comfygen jobs`` with pictures that are judged: takes as they are shown, listed, saved and watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_size, set_steps
from comfy_gen.workflows.files import save_workflow
from tests.cli.conftest import NO_MODEL


@pytest.fixture
def queue(comfygen, background_sandbox, tmp_path, monkeypatch):
    """The command line with a queue of its own, and the checks that need no model."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    monkeypatch.setenv("COMFYGEN_POLICY_CHECK_PICTURES", "no")
    (tmp_path / "config.yaml").write_text(NO_MODEL)
    save_workflow(set_steps(set_size(load_template("sd15").workflow, 64, 64), 2), tmp_path / "fox.json")
    return comfygen


@pytest.fixture
def judged(queue, background_sandbox):
    """Have a job made, the first pictures of which are black, and return its id."""

    def make(*options, black=2):
        if black:
            background_sandbox.sandbox.add_fault(f"black_pictures:times={black}")
        (job_id,) = queue("jobs", "submit", "fox.json", *options, "-q").out.split()
        assert queue("worker", "--drain", "-q").code == 0
        return job_id

    return make


def test_every_take_is_shown_with_its_files(queue, judged):
    job_id = judged("--auto-retry")
    known = queue("jobs", "show", job_id, "--json").json
    assert (known["state"], known["take"], known["quality"]["passed"], known["quality"]["takes"]) == (
        "completed",
        3,
        True,
        3,
    )
    assert [(one["number"], one["passed"], len(one["artifacts"])) for one in known["takes"]] == [
        (1, False, 1),
        (2, False, 1),
        (3, True, 1),
    ]
    assert known["takes"][2]["artifacts"] == known["artifacts"]
    assert all(Path(one["artifacts"][0]["path"]).is_file() for one in known["takes"])
    said = queue("jobs", "show", job_id).out
    assert "files of other takes" in said
    assert "3 kept  passed" in said


def test_job_that_nobody_judges_has_no_takes(queue, judged):
    job_id = judged(black=0)
    known = queue("jobs", "show", job_id, "--json").json
    assert (known["quality"], "takes" in known) == (None, False)
    assert "takes" not in queue("jobs", "show", job_id).out


def test_list_marks_jobs_whose_pictures_did_not_pass(queue, judged):
    judged("--validate", black=1)
    assert "completed, not passed" in queue("jobs", "list").out
    (job,) = queue("jobs", "list", "--json").json["jobs"]
    assert job["quality"]["passed"] is False


def test_best_take_is_saved_and_all_of_them_where_that_is_wanted(queue, judged):
    job_id = judged("--retry-limit", "2", black=1)
    (best,) = queue("jobs", "save", job_id, "-o", "best", "--json").json["files"]
    saved = queue("jobs", "save", job_id, "-o", "all", "--every-take", "--json").json["files"]
    first, second = (Path(one["path"]) for one in saved)
    assert (first.name[8:14], second.name[8:14]) == ("-take1", "-take2")
    assert second.read_bytes() == Path(best["path"]).read_bytes() != first.read_bytes()


def test_watching_tells_by_its_exit_code_whether_pictures_passed(queue, judged):
    good, bad = judged("--validate", black=0), judged("--validate", "--set", "seed=9", black=1)
    assert queue("jobs", "watch", good).code == 0
    said = queue("jobs", "watch", bad)
    assert said.code == 3
    assert "completed: the pictures did not pass: " in said.err
