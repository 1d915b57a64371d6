"""The tree as a whole: codes, sentences and advice."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

from comfy_gen import errors
from comfy_gen.errors import ComfyGenError, listing
from tests.error_examples import EXAMPLES

SOURCES = Path(errors.__file__).parents[1]
CLASSES = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, ComfyGenError)]
LEAVES = [value for value in CLASSES if not value.__subclasses__() or value is errors.WorkflowFormatError]


def test_every_error_is_pinned_here():
    assert sorted(EXAMPLES) == sorted(leaf.__name__ for leaf in LEAVES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_message_has_no_closing_stop_and_advice_has_one_unless_it_ends_in_a_command(name):
    error = EXAMPLES[name]
    assert str(error) == error.message
    assert error.message.strip() == error.message != ""
    assert not error.message.endswith(".")
    assert not error.hint or error.hint.endswith(".") or re.search(r"(comfygen|pip) [^.]*$", error.hint), error.hint


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_is_in_the_drawing_with_its_code(leaf):
    line = next(line for line in errors.__doc__.splitlines() if leaf.__name__ in line)
    code = EXAMPLES[leaf.__name__].code
    assert code in line or leaf is errors.ExecutionFailedError


def test_codes_are_unlike():
    codes = [error.code for error in EXAMPLES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_is_raised_somewhere(leaf):
    text = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path.parent.name != "errors")
    assert f"{leaf.__name__}(" in text


def test_builtin_kin_are_kept_for_those_who_catch_them():
    assert isinstance(EXAMPLES["WorkflowNotFoundError"], FileNotFoundError)
    assert isinstance(EXAMPLES["WorkflowSyntaxError"], json.JSONDecodeError)
    assert isinstance(EXAMPLES["WaitTimeoutError"], TimeoutError)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "WorkflowNotFoundError",
            "there is no workflow 'sdlx', neither a file nor a shipped template",
            "nearest: sdxl. `comfygen templates` lists all that are shipped.",
        ),
        (
            "WorkflowSyntaxError",
            "a.json is not valid JSON: Expecting value at line 1, column 2",
            "export the workflow again from ComfyUI with “Export (API)”.",
        ),
        ("InvalidParameterError", "steps is 0, but must be 1 or more", "take 20."),
        (
            "ModelReferenceError",
            "'sdxl-bas' names no model: no model or set is called so",
            (
                "nearest: sdxl-base. Give a name of `comfygen models list --manifest`, hf:OWNER/REPOSITORY/FILE,"
                " civitai:VERSION, or a URL."
            ),
        ),
        ("ModelNotFoundError", "the engine has no 'a.ckpt' in its checkpoints", "nearest that it has: b.ckpt."),
        ("ExecutionFailedError", "node 3 (KSampler) failed: CUDA error", "restart."),
    ],
)
def test_sentences_that_people_meet_most(name, message, hint):
    assert (EXAMPLES[name].message, EXAMPLES[name].hint) == (message, hint)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("猫と宇宙船", "'猫と宇宙船'"),
        ("ein Kätzchen", "'ein Kätzchen'"),
        ("a\x1b[2J\u202eb", r"'a\x1b[2J\u202eb'"),
        ("é" * 61, f"'{'é' * 60}' …"),
    ],
)
def test_what_was_written_is_shown_in_its_script_but_for_what_does_not_print(said, shown):
    error = errors.NoCategoryError(said, 0.3)
    assert error.message == f"no category matches {shown} with a confidence of 0.3 or more"
    assert error.hint.startswith("Words are read in English: ")


@pytest.mark.parametrize(
    ("engines", "message"),
    [
        ([""], "the job failed: CUDA error"),
        (["gpu-1"], "the job failed on gpu-1: CUDA error"),
        (["gpu-1", "gpu-2", "gpu-1"], "3 attempts failed, on gpu-1, gpu-2; the last: CUDA error"),
    ],
)
def test_attempts_of_a_job_are_counted_where_there_are_several(engines, message):
    assert errors.QuarantinedError("4f1d", engines, "CUDA error").message == message


def test_advice_without_anything_near_is_where_to_look():
    assert errors.WorkflowNotFoundError("x").hint.startswith("give the path")
    assert "models/loras" in errors.ModelNotFoundError("x", "loras").hint
    assert errors.ComfyGenError().hint == ""
    assert errors.ComfyGenError().message == "Base of all errors that ComfyGen raises on purpose."


def test_broken_connection_is_not_called_a_server_that_is_down():
    error = errors.EngineUnreachableError("http://x", "no answer in time", may_have_arrived=True)
    assert str(error) == "the ComfyUI at http://x broke off: no answer in time"
    assert "sandbox" not in error.hint


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, "Internal\n  error", "http://x answered with status 500: Internal error"),
        (502, "<html>Bad gateway</html>", "http://x answered with status 502"),
        (200, "<html>Welcome</html>", "http://x answered with something that is not what a ComfyUI answers"),
    ],
)
def test_answers_of_other_servers_are_not_poured_out(status, body, message):
    assert str(errors.EngineResponseError("http://x", status, body)) == message


def test_every_problem_of_a_workflow_is_a_line_of_its_own():
    error = errors.InvalidRequestError([errors.InvalidWorkflowError(["one", "two"]), errors.RoleNotFoundError("seed")])
    assert error.message.startswith(
        "3 things in this request cannot work:\n  - one\n  - two\n  - this workflow has no seed"
    )


def test_many_names_are_counted():
    assert listing(["a", "b"]) == "a, b"
    assert listing(["a", "b", "c", "d"], limit=2) == "a, b and 2 more"
