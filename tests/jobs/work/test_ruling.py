from dataclasses import replace

import pytest

from comfy_gen.errors import (
    EngineLostError,
    EngineResponseError,
    EngineUnreachableError,
    ExecutionFailedError,
    InterruptedPromptError,
    NoOutputError,
    PromptRejectedError,
    StuckPromptError,
)
from comfy_gen.jobs.work.ruling import Again, Circumstances, Failed, RetryOptions, rule

CASE = Circumstances("job", "gpu-1", strikes=0)
OPTIONS = RetryOptions(max_attempts=3, delay=1.0, delay_max=3.0)


def test_job_that_nobody_took_waits_as_if_it_had_not_been_tried():
    ruling = rule(EngineUnreachableError("http://x", "connection refused"), CASE, OPTIONS)
    assert isinstance(ruling, Again)
    assert (ruling.delay, ruling.is_strike, ruling.avoided) == (0.0, False, None)


def refusal(reason):
    node_errors: dict[str, object] = {"4": {"errors": [{"type": reason}]}}
    return PromptRejectedError("prompt_outputs_failed_validation", "failed", ["one"], node_errors=node_errors)


@pytest.mark.parametrize("reason", ["value_not_in_list", "custom_validation_failed"])
def test_refused_job_goes_to_another_engine_if_one_may_take_it(reason):
    error = refusal(reason)
    ruling = rule(error, replace(CASE, has_others=True), OPTIONS)
    assert isinstance(ruling, Again)
    assert (ruling.avoided, ruling.is_strike) == ("gpu-1", False)
    assert isinstance(rule(error, CASE, OPTIONS), Failed)


def test_job_that_is_refused_for_what_it_asks_goes_to_no_other_engine():
    assert isinstance(rule(refusal("value_bigger_than_max"), replace(CASE, has_others=True), OPTIONS), Failed)


@pytest.mark.parametrize("error", [NoOutputError("p"), InterruptedPromptError("p"), ValueError("a bug")])
def test_what_would_fail_again_fails(error):
    assert isinstance(rule(error, CASE, OPTIONS), Failed)


@pytest.mark.parametrize(
    "error",
    [
        ExecutionFailedError("p", "gpu_error", "3", "KSampler", "CUDA error"),
        EngineResponseError("http://x", 500, "oops"),
        StuckPromptError("p", "gpu-1", 300.0),
    ],
)
def test_engines_fault_is_a_strike_and_the_engine_is_avoided(error):
    ruling = rule(error, CASE, OPTIONS)
    assert isinstance(ruling, Again)
    assert (ruling.delay, ruling.is_strike, ruling.avoided) == (1.0, True, "gpu-1")


def test_delay_doubles_up_to_its_bound():
    error = EngineResponseError("http://x", 500, "oops")
    delays = [rule(error, replace(CASE, strikes=number), replace(OPTIONS, max_attempts=9)).delay for number in range(4)]
    assert delays == [1.0, 2.0, 3.0, 3.0]


def test_engine_lost_before_the_job_began_says_nothing_of_the_job():
    error = EngineLostError("http://x", "p", "it is gone")
    assert not rule(error, CASE, OPTIONS).is_strike
    assert rule(error, replace(CASE, has_started=True), OPTIONS).is_strike


def test_job_that_brings_down_engines_is_quarantined_with_its_evidence():
    case = replace(CASE, strikes=2, failed_on=["gpu-2", "gpu-3"])
    ruling = rule(ExecutionFailedError("p", "gpu_error", "3", "KSampler", "CUDA error"), case, OPTIONS)
    assert isinstance(ruling, Failed)
    assert ruling.failure.code == "quarantined"
    assert ruling.failure.details["engines"] == ["gpu-2", "gpu-3", "gpu-1"]
    assert ruling.failure.details["last"]["code"] == "gpu_error"


def test_job_that_never_gets_far_is_quarantined_in_the_end_whatever_it_was():
    error = EngineLostError("http://x", "p", "it is gone")
    assert isinstance(rule(error, replace(CASE, attempt=29), OPTIONS), Again)
    ruling = rule(error, replace(CASE, attempt=30), OPTIONS)
    assert isinstance(ruling, Failed)
    assert ruling.failure.code == "quarantined"
