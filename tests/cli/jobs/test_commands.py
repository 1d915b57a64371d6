"""``comfygen jobs``: what people see of the durable queue, from submitting to saving."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import pytest

from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_size, set_steps
from comfy_gen.workflows.files import save_workflow

UI_FORMAT = {"nodes": [], "links": [], "version": 0.4}


@pytest.fixture
def queue(comfygen, tmp_path, monkeypatch):
    """The command line with a queue of its own, and a small workflow to submit."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    save_workflow(set_steps(set_size(load_template("sd15").workflow, 64, 64), 2), tmp_path / "fox.json")
    return comfygen


@pytest.fixture
def fleet(queue, background_sandbox, monkeypatch):
    """The same with an engine."""
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    return queue


def submitted(queue, *arguments):
    return queue("jobs", "submit", "fox.json", *arguments, "-q").out.split()


def states(queue):
    return [job["state"] for job in queue("jobs", "list", "--json").json["jobs"]]


# --- submit


def test_job_is_accepted_without_an_engine_and_says_so(queue):
    said = queue("jobs", "submit", "fox.json")
    assert said.code == 0
    assert said.out.startswith("Accepted ")
    assert "fox  #1 in the queue" in said.out
    assert "no engine answers, so nothing was checked" in said.err


def test_template_is_submitted_several_times_with_its_seeds(queue):
    said = queue("jobs", "submit", "sd15", "--count", "12", "--set", "seed=5")
    assert "sd15, seed 5  #1 in the queue" in said.out
    assert "… and 2 more" in said.out
    assert len(queue("jobs", "list", "--json").json["jobs"]) == 12


def test_everything_that_is_said_of_a_job_is_kept(queue):
    (job_id,) = submitted(
        queue,
        *("--update", "5.seed=42", "--priority", "7", "--owner", "anna", "--tag", "xl", "--key", "k"),
        *("--webhook", "http://user:secret@sink/", "--title", "Reynard", "--metadata", "shot=3"),
    )
    known = queue("jobs", "show", job_id, "--json", "--request").json
    assert (known["priority"], known["owner"], known["title"]) == (7, "anna", "Reynard")
    assert (known["metadata"], known["webhook_url"]) == ({"shot": "3"}, "http://***@sink/")
    assert (known["request"]["tags"], known["request"]["idempotency_key"]) == (["xl"], "k")
    assert known["request"]["workflow"]["5"]["inputs"]["seed"] == 42


def test_same_key_is_the_same_job(queue):
    first = queue("jobs", "submit", "fox.json", "--key", "k", "--json").json["jobs"][0]
    again = queue("jobs", "submit", "fox.json", "--key", "k", "--json").json["jobs"][0]
    assert (first["is_replay"], again["is_replay"], again["job_id"]) == (False, True, first["job_id"])
    assert "was accepted before" in queue("jobs", "submit", "fox.json", "--key", "k").out
    assert queue("jobs", "submit", "fox.json", "--key", "k", "-s", "seed=3").err.startswith(
        "error[idempotency_conflict]"
    )


def test_editor_s_format_needs_an_engine(queue, tmp_path):
    (tmp_path / "ui.json").write_text(json.dumps(UI_FORMAT))
    assert queue("jobs", "submit", "ui.json").err.startswith("error[workflow_format_ui]")


def test_what_no_engine_would_take_is_refused_before_it_is_accepted(fleet):
    said = fleet("jobs", "submit", "fox.json", "--update", "5.sampler_name=eulr")
    assert said.code == 2
    assert "euler" in said.err
    assert states(fleet) == []
    assert fleet("jobs", "submit", "fox.json", "--update", "5.sampler_name=eulr", "--no-check").code == 0


def test_picture_of_the_web_is_not_missed_on_the_engine(fleet, tmp_path):
    (tmp_path / "web.json").write_text(json.dumps(with_image("https://example.com/fox.png")))
    assert fleet("jobs", "submit", "web.json").code == 0
    (tmp_path / "lost.json").write_text(json.dumps(with_image("nowhere.png")))
    assert fleet("jobs", "submit", "lost.json").code == 2


def with_image(name):
    load = {"class_type": "LoadImage", "inputs": {"image": name}}
    return {"1": load, "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}


def test_one_engine_that_takes_it_is_enough(fleet, background_sandbox, monkeypatch):
    monkeypatch.setenv("COMFYGEN_ENGINES", f"dead=http://127.0.0.1:1 good={background_sandbox.url}")
    said = fleet("jobs", "submit", "fox.json")
    assert (said.code, said.err) == (0, "")
    assert "nothing was checked" in fleet("jobs", "submit", "fox.json", "--tag", "nobody-has-it").err


def test_wrong_metadata_and_settings_are_told(queue):
    assert "KEY=VALUE" in queue("jobs", "submit", "fox.json", "--metadata", "x").err
    said = queue("jobs", "submit", "fox.json", "--set", "sead=1", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "invalid_parameter")


# --- with a worker


def test_job_that_is_waited_for_leaves_its_files(fleet, background_sandbox, tmp_path):
    worker = start_worker(background_sandbox.url, tmp_path)
    try:
        said = fleet("jobs", "submit", "fox.json", "-n", "2", "-o", "out", "--json")
        plain = fleet("jobs", "submit", "fox.json", "--wait")
        quiet = fleet("jobs", "submit", "fox.json", "--wait", "--quiet")
    finally:
        worker.terminate()
        worker.communicate(timeout=20)
    assert said.code == 0
    paths = [artifact["path"] for job in said.json["jobs"] for artifact in job["artifacts"]]
    assert len(set(paths)) == 2
    assert all((tmp_path / path).read_bytes().startswith(b"\x89PNG") for path in paths)
    assert " completed " in plain.out
    assert str(tmp_path / "data" / "artifacts") in plain.out
    assert "generating on" in plain.err
    assert quiet.out.endswith(".png\n")
    assert quiet.err == ""


def start_worker(url, folder):
    command = [sys.executable, "-m", "comfy_gen", "worker", "--engine", url, "--data-dir", str(folder / "data")]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.fixture
def done(fleet):
    """A job that is completed."""
    (job_id,) = submitted(fleet)
    assert fleet("worker", "--drain", "-q").code == 0
    return job_id


def test_all_is_known_of_a_job_that_ended(fleet, done, background_sandbox):
    known = fleet("jobs", "show", done[:8], "--json", "--events").json
    (artifact,) = known["artifacts"]
    (attempt,) = known["attempts"]
    assert (known["state"], known["attempt"], artifact["media_type"]) == ("completed", 1, "image/png")
    assert (attempt["ending"], attempt["prompt_id"]) == ("succeeded", known["prompt_id"])
    assert {"generate", "nodes"} <= known["timings"].keys()
    assert [event["number"] for event in known["events"]] == sorted(event["number"] for event in known["events"])
    said = fleet("jobs", "show", done, "--events", "--request").out
    assert artifact["path"] in said
    assert '"class_type": "KSampler"' in said


def test_events_come_as_lines_from_any_number_on(fleet, done):
    lines = fleet("jobs", "watch", done, "--json").lines
    assert [line["data"]["state"] for line in lines if line["type"] == "state"] == [
        *("queued", "preprocessing", "generating", "postprocessing", "completed")
    ]
    middle = lines[2]["number"]
    assert fleet("jobs", "watch", done, "--json", "--after", middle).lines == lines[3:]
    said = fleet("jobs", "watch", done)
    assert (said.code, said.err) == (0, f"{done[:8]} completed\n")


def test_files_are_saved_once_and_not_over_others(fleet, done, tmp_path):
    said = fleet("jobs", "save", done[:8], "-o", "out")
    (path,) = (tmp_path / "out").iterdir()
    assert said.out == f"Saved out/{path.name}\n"
    assert path.name.startswith(f"{done[:8]}-")
    assert fleet("jobs", "save", done, "-o", "out", "--json").json == {
        "files": [{"job_id": done, "path": f"out/{path.name}"}]
    }
    path.write_bytes(b"mine")
    assert fleet("jobs", "save", done, "-o", "out").err.startswith("error[output_path]")
    assert fleet("jobs", "save", done, "-o", "out", "--overwrite").code == 0
    assert path.read_bytes() != b"mine"


def test_job_without_files_says_so(queue):
    (job_id,) = submitted(queue)
    assert queue("jobs", "save", job_id, "-o", "out").out == f"{job_id[:8]} has no files.\n"


def test_job_that_failed_says_why_and_is_tried_afresh(fleet, tmp_path):
    (job_id,) = submitted(fleet, "--no-check", "--update", "5.sampler_name=eulr")
    fleet("worker", "--drain", "-q")
    said = fleet("jobs", "show", job_id)
    assert "eulr" in said.out
    watched = fleet("jobs", "watch", job_id)
    assert watched.code == 1
    assert watched.err.startswith(f"{job_id[:8]} failed: ")
    assert fleet("jobs", "retry", job_id).out == f"1 job queued again: {job_id[:8]}\n"
    assert states(fleet) == ["queued"]


# --- list


def test_jobs_are_listed_with_their_places(queue):
    first, second = submitted(queue, "-n", "2")
    said = queue("jobs", "list")
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0] == ["2", "queued"]
    assert [line[:3] for line in lines[2:]] == [[second[:8], "queued", "#2"], [first[:8], "queued", "#1"]]


def test_list_is_chosen_by_state_owner_and_text(queue):
    submitted(queue, "--owner", "anna", "--title", "A Fox")
    (own,) = submitted(queue)
    queue("jobs", "cancel", own)
    titles = [
        [job["title"] for job in queue("jobs", "list", "--json", *chosen).json["jobs"]]
        for chosen in (
            ("--state", "ended"),
            ("--state", "queued", "--state", "failed"),
            ("--owner", "anna"),
            ("-t", "fox"),
            ("-t", own[:6]),
            ("-n", "1"),
        )
    ]
    assert titles == [["fox"], ["A Fox"], ["A Fox"], ["fox", "A Fox"], ["fox"], ["fox"]]
    assert queue("jobs", "list", "--state", "qeued").err.startswith("error[invalid_parameter]: state is 'qeued'")


def test_empty_queue_is_no_table(queue):
    assert queue("jobs", "list").out == "no jobs\n"
    assert queue("jobs", "list", "--json").json["counts"]["queued"] == 0


# --- control


def test_jobs_are_paused_and_resumed(queue):
    ids = submitted(queue, "-n", "2")
    assert queue("jobs", "pause", ids[0]).out == f"1 job paused: {ids[0][:8]}\n"
    assert "held" in queue("jobs", "list").out
    assert queue("jobs", "pause", "--all").out == f"1 job paused: {ids[1][:8]}\n"
    assert queue("jobs", "resume", "--all").out.startswith("2 jobs resumed: ")


def test_whole_queue_is_paused(queue):
    (job_id,) = submitted(queue)
    assert queue("jobs", "pause", "--queue").out.startswith("The queue is paused")
    assert "the queue is paused" in queue("jobs", "list").out
    assert queue("jobs", "resume", "--queue", "--json").json == {"paused": False}
    assert queue("jobs", "pause", "--queue", job_id).code == 2


@pytest.mark.parametrize("chosen", [("--owner", "anna"), ("--state", "queued"), ("--all",)])
def test_priority_is_given_to_those_that_are_meant(queue, chosen):
    submitted(queue, "--owner", "anna")
    assert queue("jobs", "prioritise", *chosen, "-5").code == 0
    assert [job["priority"] for job in queue("jobs", "list", "--json").json["jobs"]] == [-5]


def test_job_of_higher_priority_goes_first(queue):
    ids = submitted(queue, "-n", "2")
    queue("jobs", "prioritise", ids[1], "7")
    assert queue("jobs", "show", ids[1], "--json").json["position"] == 1
    assert queue("jobs", "prioritise", ids[1], "101").code == 2


def test_jobs_that_cannot_be_cancelled_are_told(queue):
    ids = submitted(queue, "-n", "2")
    assert queue("jobs", "cancel", ids[0]).out == f"1 job cancelled: {ids[0][:8]}\n"
    said = queue("jobs", "cancel", *ids)
    assert said.code == 1
    assert f"1 job cancelled: {ids[1][:8]}" in said.out
    assert f"{ids[0][:8]} is cancelled: nothing was changed." in said.out
    assert queue("jobs", "cancel", ids[0]).err.startswith("error[job_state]")
    assert queue("jobs", "cancel", "--state", "queued", "--json").json == {"jobs": [], "unchanged": []}


def test_jobs_that_ended_are_deleted_with_their_files(fleet, done, tmp_path):
    files = [*(tmp_path / "data" / "artifacts").glob("*/*")]
    assert files
    assert "0 jobs deleted" in fleet("jobs", "delete", "--state", "completed", "--older-than", "1h", "--yes").out
    said = fleet("jobs", "delete", "--older-than", "0s", "--yes")
    assert (said.code, said.out.startswith("1 job deleted: ")) == (0, True)
    assert not any(file.exists() for file in files)
    assert fleet("jobs", "show", done).code == 1


def test_job_that_has_not_ended_is_not_deleted(queue):
    (job_id,) = submitted(queue)
    said = queue("jobs", "delete", job_id)
    assert (said.code, "error[job_state]" in said.err) == (1, True)
    assert states(queue) == ["queued"]


def test_wrong_age_is_told(queue):
    assert "such as 30d" in queue("jobs", "delete", "--older-than", "soon").err


def test_many_are_counted(queue):
    submitted(queue, "-n", "12")
    said = queue("jobs", "cancel", "--all", "--yes").out
    assert said.startswith("12 jobs cancelled: ")
    assert said.endswith(" and 2 more\n")


def test_person_is_asked_whether_all_are_meant(queue, monkeypatch):
    from comfy_gen.cli.jobs import control as job_control

    submitted(queue)
    monkeypatch.setattr(job_control.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _: False)
    assert queue("jobs", "cancel", "--all").code == 1
    assert states(queue) == ["queued"]
    assert queue("jobs", "cancel", "--all", "--yes").code == 0


def test_nothing_is_done_where_nothing_is_meant(queue):
    said = queue("jobs", "cancel")
    assert said.code == 2
    assert "an ID, --state, --owner or --all" in said.err
    assert "either IDs or --all" in queue("jobs", "watch").err


def test_beginning_of_an_id_must_tell_it(queue):
    ids = submitted(queue, "-n", "20")
    shared = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
    assert "several jobs begin with" in queue("jobs", "show", shared).err
    assert queue("jobs", "show", "zzz").err.startswith("error[job_not_found]")


def test_watching_nothing_ends_at_once(queue):
    said = queue("jobs", "watch", "--all")
    assert (said.code, said.err) == (0, "Every job has ended.\n")
    (job_id,) = submitted(queue)
    assert "one job" in queue("jobs", "watch", job_id, "--after", "3").err


def test_database_that_cannot_be_used_is_told(queue, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "comfygen.db").write_text("this is no database, but some text that is long enough" * 20)
    said = queue("jobs", "list", "--json")
    assert said.json["error"]["code"] == "database_unavailable"


def test_jobs_outlive_the_command_that_submitted_them(queue, tmp_path):
    (job_id,) = submitted(queue)
    with sqlite3.connect(tmp_path / "data" / "comfygen.db") as database:
        assert database.execute("SELECT job_id FROM jobs").fetchall() == [(job_id,)]
    database.close()
