"""The last words on a prompt that no engine has said."""

from __future__ import annotations

from comfy_gen.api.dialects.comfyui import endings
from comfy_gen.jobs.failure import JobFailure
from tests.api.dialects.comfyui.telling import JOB


def test_failure_is_told_as_an_error_of_the_last_node_under_our_code():
    failure = JobFailure("engine_lost", "gpu-1 has lost the prompt", "have a look at it.")
    told = endings.failed(JOB, failure, node_id="3", executed=["4"], timestamp=7)
    assert told == {
        "prompt_id": JOB,
        "node_id": "3",
        "node_type": "",
        "executed": ["4"],
        "exception_message": "gpu-1 has lost the prompt\nhave a look at it.",
        "exception_type": "engine_lost",
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
        "timestamp": 7,
    }


def test_failure_that_knows_its_node_says_so():
    facts = {"node_id": "8", "node_type": "VAEDecode", "traceback": ["line 1"]}
    told = endings.failed(JOB, JobFailure("internal", "no", details=facts), node_id="3", timestamp=7)
    assert (told["node_id"], told["node_type"], told["traceback"]) == ("8", "VAEDecode", ["line 1"])


def test_failure_without_a_reason_is_one_all_the_same():
    told = endings.failed(JOB, None, timestamp=7)
    assert (told["exception_type"], told["exception_message"]) == ("internal", "it failed")


def test_cancelled_prompt_was_interrupted_where_it_was():
    told = endings.interrupted(JOB, node_id="3", node_type="KSampler", executed=["4"], timestamp=7)
    where = {"node_id": "3", "node_type": "KSampler", "executed": ["4"]}
    assert told == {"prompt_id": JOB, **where, "timestamp": 7}


def test_success_has_its_time():
    assert endings.succeeded(JOB, timestamp=7) == {"prompt_id": JOB, "timestamp": 7}
