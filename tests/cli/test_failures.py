from __future__ import annotations

import pytest
import typer

from comfy_gen.cli.failures import answering, error_json, exit_code, report
from comfy_gen.errors import (
    EngineLostError,
    ForbiddenContentError,
    InterruptedPromptError,
    InvalidRequestError,
    NoEngineError,
    PolicyTierError,
    RoleNotFoundError,
    StorageError,
)

ROLE = RoleNotFoundError("seed")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ROLE, 2),
        (EngineLostError("http://x", "p", "gone"), 2),
        (NoEngineError("paint"), 2),
        (PolicyTierError("mature", "general", ["@horror"], "general"), 2),
        (ForbiddenContentError(), 2),
        (InterruptedPromptError("p"), 1),
        (StorageError("a.png", "no bucket"), 1),
        (InvalidRequestError([StorageError("a.png", "no bucket"), StorageError("b.png", "no bucket")]), 1),
        (InvalidRequestError([StorageError("a.png", "no bucket"), ROLE]), 2),
    ],
)
def test_exit_code_tells_who_must_act(error, code):
    assert exit_code(error) == code


def test_report_is_one_paragraph_with_code_and_advice(capsys):
    report(ROLE)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "error[role_not_found]: this workflow has no seed: no sampler leads to one. "
        "Leave seed out, or choose a workflow that has it.\n"
    )


def test_report_without_advice_ends_with_the_message(capsys):
    report(InterruptedPromptError("[p]"))
    assert capsys.readouterr().err == "error[interrupted]: prompt [p] was interrupted before it was done.\n"


def test_json_is_printed_only_where_it_was_asked_for(capsys):
    with pytest.raises(typer.Exit) as left, answering(as_json=True):
        raise ROLE
    assert left.value.exit_code == 2
    assert '"role_not_found"' in capsys.readouterr().out
    with pytest.raises(RoleNotFoundError), answering(as_json=False):
        raise ROLE


def test_error_as_json_has_three_fields():
    assert set(error_json(ROLE)["error"]) == {"code", "message", "hint"}


def test_what_a_server_says_does_not_steer_the_terminal(capsys):
    report(StorageError("a\x1b[2J.png", "\x9b2Jno bucket"))
    assert capsys.readouterr().err.rstrip("\n").isprintable()
