from __future__ import annotations

import pytest

from comfy_gen.engines.verdict import (
    Verdict,
    backoff,
    is_of_a_gone_engine,
    is_out_of_memory,
    is_overdue,
    judge,
    may_be_there,
    may_lack,
)
from comfy_gen.errors import (
    ClientClosedError,
    CorruptOutputError,
    EngineLostError,
    EngineResponseError,
    EngineUnreachableError,
    ExecutionFailedError,
    InterruptedPromptError,
    NoOutputError,
    OutputPathError,
    PromptRejectedError,
    StuckPromptError,
    WaitTimeoutError,
)


def failed(failure):
    return ExecutionFailedError("p", failure, "1", "KSampler", "reason")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (EngineUnreachableError("u", "refused"), Verdict.NOT_SENT),
        (EngineUnreachableError("u", "broke off", may_have_arrived=True), Verdict.ENGINE),
        (EngineResponseError("u", 500), Verdict.ENGINE),
        (EngineLostError("u", "p", "restarted"), Verdict.ENGINE),
        (WaitTimeoutError("p", 1.0), Verdict.ENGINE),
        (CorruptOutputError("f.png", "cut off"), Verdict.ENGINE),
        (StuckPromptError("p", "gpu-1", 60.0), Verdict.ENGINE),
        (failed("out_of_memory"), Verdict.ENGINE),
        (failed("gpu_error"), Verdict.ENGINE),
        (failed("storage_failed"), Verdict.ENGINE),
        (failed("invalid_input"), Verdict.REQUEST),
        (failed("missing_model"), Verdict.REQUEST),
        (failed("internal"), Verdict.REQUEST),
        (PromptRejectedError("t", "r"), Verdict.REQUEST),
        (ClientClosedError("p"), Verdict.REQUEST),
        (InterruptedPromptError("p"), Verdict.REQUEST),
        (NoOutputError("p"), Verdict.REQUEST),
        (OutputPathError("p", "full"), Verdict.REQUEST),
        (KeyError("a bug"), Verdict.REQUEST),
    ],
)
def test_only_what_another_try_can_help_is_tried_again(error, verdict):
    assert judge(error) is verdict


def test_memory_is_freed_only_where_it_ran_out():
    assert is_out_of_memory(failed("out_of_memory"))
    assert not is_out_of_memory(failed("gpu_error"))
    assert not is_out_of_memory(EngineResponseError("u", 500))


def test_backoff_doubles_up_to_the_longest():
    assert [backoff(count, first=1, longest=5) for count in range(6)] == [0, 1, 2, 4, 5, 5]
    assert backoff(10**6, first=1, longest=5) == 5


def test_engine_that_is_gone_is_told_from_one_that_failed():
    assert is_of_a_gone_engine(EngineUnreachableError("u", "refused"))
    assert is_of_a_gone_engine(EngineLostError("u", "p", "restarted"))
    assert not is_of_a_gone_engine(EngineResponseError("u", 500))


@pytest.mark.parametrize(
    ("error", "there", "overdue"),
    [
        (EngineUnreachableError("u", "refused"), False, False),
        (EngineUnreachableError("u", "broke off", may_have_arrived=True), True, False),
        (EngineResponseError("u", 502), True, False),
        (EngineLostError("u", "p", "silent"), True, False),
        (WaitTimeoutError("p", 1.0), True, True),
        (StuckPromptError("p", "gpu-1", 60.0), True, True),
        (failed("gpu_error"), False, False),
        (CorruptOutputError("f.png", "cut off"), False, False),
        (PromptRejectedError("t", "r"), False, False),
    ],
)
def test_prompt_that_did_not_end_may_be_there(error, there, overdue):
    assert (may_be_there(error), is_overdue(error)) == (there, overdue)


@pytest.mark.parametrize(
    ("error", "lacking"),
    [
        (failed("missing_model"), True),
        (failed("gpu_error"), False),
        (PromptRejectedError("missing_node_type", "r"), True),
        (PromptRejectedError("invalid_prompt", "r"), True),
        (PromptRejectedError("t", "r", node_errors={"1": {"errors": [{"type": "value_not_in_list"}]}}), True),
        (PromptRejectedError("t", "r", node_errors={"1": {"errors": [{"type": "value_too_big"}]}, "2": None}), False),
        (KeyError("a bug"), False),
    ],
)
def test_engine_may_lack_what_it_refused(error, lacking):
    assert may_lack(error) is lacking
