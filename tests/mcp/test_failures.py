"""Errors as agents are told them."""

from __future__ import annotations

import logging

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import Prompt, PromptArgument, Tool
from pydantic import BaseModel, ValidationError

from comfy_gen.errors import InvalidParameterError, JobNotFoundError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.failures import ToldError, check_names, check_prompt, naming, told, unknown_tool

TOOL = Tool(name="paint", input_schema={"properties": {"prompt": {}, "width": {}}})


def test_error_of_the_service_keeps_its_code_and_its_hint():
    error = ServiceProblemError(404, "job_not_found", "no job has the id 'x'", "list them: comfygen jobs list")

    assert told(error) == (
        "error[job_not_found]: no job has the id 'x'.\n"
        "Hint: List them: comfygen jobs list. Call list_jobs for those that there are."
    )


def test_error_of_ours_is_told_the_same_way():
    error = InvalidParameterError("path", "x", "a file", "did you mean y?")

    assert told(error) == "error[invalid_parameter]: path is 'x', but must be a file.\nHint: Did you mean y?"


def test_refused_job_is_named_and_a_lost_one_is_to_be_looked_for():
    refused = told(ServiceProblemError(422, "invalid_parameter", "no"), job_id="6f0c")
    lost = told(ServiceUnreachableError("http://gone", "it is off"), job_id="6f0c")

    assert refused.endswith("\nJob: 6f0c.")
    assert lost.endswith("\nJob: 6f0c; get_progress tells whether it was accepted, and how it goes.")


def test_bug_is_told_without_its_traceback_and_logged_with_it(caplog):
    with caplog.at_level(logging.ERROR):
        said = told(RuntimeError("secret"))

    assert said.startswith("error[internal]: ")
    assert "secret" not in said
    assert "secret" in caplog.text


def test_wrong_arguments_are_told_by_their_names():
    class Arguments(BaseModel):
        width: int

    with pytest.raises(ValidationError) as error:
        Arguments.model_validate({"width": "wide"})

    assert told(error.value).startswith("error[invalid_parameter]: width: Input should be a valid integer")
    assert "wide" not in told(error.value)


def test_timeout_is_told_as_one():
    assert told(TimeoutError()).startswith("error[timeout]: ")


def test_error_that_leaves_a_block_names_the_job_once():
    with pytest.raises(ToldError, match=r"^error\[timeout\](.|\n)*Job: 6f0c;[^;]*$"), naming("6f0d"), naming("6f0c"):
        raise TimeoutError


def test_unknown_names_come_with_the_nearest():
    check_names(TOOL, {"prompt": "x"})
    with pytest.raises(ToldError, match=r"knows no promt\.\nHint: Did you mean prompt\?"):
        check_names(TOOL, {"promt": "x"})
    with pytest.raises(ToldError, match=r"knows no zzz\.\nHint: It takes prompt, width\."):
        check_names(TOOL, {"zzz": 1})
    assert "Did you mean paint?" in str(unknown_tool("pain", ["paint", "other"]))
    assert "List the tools." in str(unknown_tool("zzz", ["paint"]))


@pytest.mark.parametrize("error", [InvalidParameterError("image", "x", "a picture"), JobNotFoundError("6f0c")])
def test_what_was_refused_before_it_was_sent_is_not_to_be_looked_for(error):
    assert told(error, job_id="6f0c").endswith("\nJob: 6f0c.")


def test_long_names_are_not_repeated():
    assert len(str(unknown_tool("x" * 100_000, ["paint"]))) < 1_000
    with pytest.raises(ToldError) as error:
        check_names(TOOL, {"x" * 100_000: 1})
    assert len(str(error.value)) < 1_000


def test_prompt_that_lacks_a_value_or_is_none_is_told_as_other_errors():
    prompt = Prompt(name="make", arguments=[PromptArgument(name="idea", required=True), PromptArgument(name="style")])

    check_prompt("make", {"idea": "x"}, [prompt])
    with pytest.raises(MCPError, match=r"^error\[invalid_parameter\]: make lacks idea\.$"):
        check_prompt("make", {"style": "x"}, [prompt])
    with pytest.raises(
        MCPError, match=r"^error\[unknown_prompt\]: there is no prompt 'mak'\.\nHint: There are make\.$"
    ):
        check_prompt("mak", {}, [prompt])
