"""``comfygen engines``: the fleet, as those who look after it see it."""

from __future__ import annotations

import pytest

from comfy_gen.cli.engines.probe import Health
from comfy_gen.cli.engines.table import check_rows, models, share, status
from comfy_gen.engines.registry import EngineEntry

DEAD = "http://127.0.0.1:1"
ENTRY = EngineEntry("gpu-1", "http://user:secret@gpu-1:8188")


@pytest.fixture
def fleet(comfygen, tmp_path, monkeypatch):
    """The command line with a queue of its own, and no engine."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYUI_API_BASE", DEAD)
    return comfygen


def listed(fleet):
    return {one["name"]: one for one in fleet("engines", "list", "--json").json["engines"]}


def test_usual_engine_is_listed_before_any_is_added(fleet):
    assert listed(fleet)["127.0.0.1:1"]["error"] == "connection refused"
    assert "down" in fleet("engines", "list").out


def test_engine_is_added_and_found_up(fleet, background_sandbox):
    said = fleet("engines", "add", background_sandbox.url, "--name", "a", "--tag", "xl", "--weight", "2")
    assert said.out.startswith("Added a: the sandbox engine")
    assert list(listed(fleet)) == ["a"]
    one = listed(fleet)["a"]
    assert (one["up"], one["queue"], one["tags"], one["weight"], one["depth"]) == (True, 0, ["xl"], 2.0, 2)
    assert one["latency_seconds"] < 3
    (_, line) = fleet("engines", "list").out.splitlines()
    assert line.split()[:3] == ["a", "up", "0"]
    assert "2 at a time, weight 2" in line


def test_engine_that_does_not_answer_is_added_with_a_warning(fleet):
    said = fleet("engines", "add", "http://user:secret@127.0.0.1:1", "--name", "later")
    assert (said.code, said.out) == (0, "Added later.\n")
    assert said.err == "It does not answer yet: connection refused.\n"
    assert listed(fleet)["later"]["url"] == DEAD
    assert fleet("engines", "add", "127.0.0.1:2", "--json").json["up"] is False


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ftp://x"], "invalid_parameter"),
        ([DEAD, "--weight", "0"], "invalid_parameter"),
        ([DEAD, "--depth", "0"], "invalid_parameter"),
        ([DEAD, "--name", "a b"], "invalid_parameter"),
        ([DEAD, "--name", "other"], "invalid_parameter"),
        (["127.0.0.1:2", "--name", "known"], "duplicate_engine"),
    ],
)
def test_engine_that_cannot_be_added_is_refused(fleet, arguments, code):
    fleet("engines", "add", DEAD, "--name", "known")
    said = fleet("engines", "add", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"error[{code}]")
    assert list(listed(fleet)) == ["known"]


def test_engine_is_drained_and_resumed(fleet):
    fleet("engines", "add", DEAD, "--name", "a")
    assert fleet("engines", "drain", "a").out == "a gets no more jobs; it has none.\n"
    assert listed(fleet)["a"]["state"] == "draining"
    assert "down, draining" in fleet("engines", "list").out
    assert fleet("engines", "resume", "a", "--json").json == {"name": "a", "state": "active", "jobs": 0}
    assert fleet("engines", "resume", "a").out == "a gets jobs again.\n"
    assert fleet("engines", "drain", "b").err.startswith(
        "error[engine_not_found]: no engine is called 'b'. There are a"
    )


def test_engine_is_removed(fleet):
    fleet("engines", "add", DEAD, "--name", "a")
    fleet("engines", "add", "127.0.0.1:2", "--name", "b")
    assert fleet("engines", "remove", "a").out == "Removed a; it has none.\n"
    assert fleet("engines", "remove", "b", "--json").json == {"name": "b", "jobs": 0, "configured": False}
    assert fleet("engines", "remove", "a").code == 2


def test_engines_of_the_settings_are_known_by_name(fleet, monkeypatch):
    monkeypatch.setenv("COMFYGEN_ENGINES", "big=http://127.0.0.1:1#tags=xl small=http://127.0.0.1:2")
    assert {name: one["tags"] for name, one in listed(fleet).items()} == {"big": ["xl"], "small": []}
    assert fleet("engines", "drain", "big").code == 0
    assert {name: one["state"] for name, one in listed(fleet).items()} == {"big": "draining", "small": "active"}
    assert "the next worker adds it again" in fleet("engines", "remove", "small").err


def test_check_tells_what_each_engine_has(fleet, background_sandbox, monkeypatch):
    monkeypatch.setenv("COMFYGEN_ENGINES", f"good={background_sandbox.url} dead={DEAD}")
    said = fleet("engines", "check")
    assert said.code == 1
    assert "gets through" in said.out
    assert "in checkpoints" in said.out
    assert "connection refused" in said.out
    one = fleet("engines", "check", "good", "--json")
    assert one.code == 0
    (facts,) = one.json["engines"]
    assert (facts["websocket"], facts["models"]["checkpoints"] > 0, facts["classes"] > 100) == (True, True, True)
    assert fleet("engines", "check", "nobody").err.startswith("error[engine_not_found]")


def test_something_else_is_not_taken_for_a_comfyui(fleet, stranger):
    fleet("engines", "add", stranger, "--name", "web")
    assert listed(fleet)["web"]["error"].endswith("is not a ComfyUI")


@pytest.fixture
def stranger():
    """The address of a server that is no ComfyUI."""
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format, *args):  # noqa: A002  # the base class names it so
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# --- how it is shown


def test_states_are_told_in_a_word():
    draining = EngineEntry("a", DEAD, state="draining")
    shown = [status(Health(entry, error=error)).plain for entry in (ENTRY, draining) for error in ("", "gone")]
    assert shown == ["up", "down", "draining", "down, draining"]
    assert share(Health(ENTRY)) == "2 at a time"


def test_check_shows_no_login_and_says_what_is_missing():
    rows = dict(check_rows(Health(ENTRY, "ComfyUI 0.3.75", 0, 0.001, classes=1200, has_socket=False)))
    assert rows["address"] == "http://gpu-1:8188"
    assert rows["nodes"] == "1,200 classes"
    assert rows["models"] == "none"
    assert rows["WebSocket"].startswith("does not get through")


def test_folders_with_most_models_are_named_first():
    many = {f"folder-{number}": number for number in range(12)}
    assert models(Health(ENTRY, models=many)).startswith("11 in folder-11, 10 in folder-10, ")
    assert models(Health(ENTRY, models=many)).endswith(" and 3 more")
