from __future__ import annotations

import pytest

from comfy_gen.api.tally import BUCKETS, Durations, TakeTally, Tally
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.jobs.sql.judged import Judged


def samples(tally):
    families = [tally.family()] if isinstance(tally, TakeTally) else tally.families()
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def judged(*, passed=True, template="sd15", model="x.safetensors"):
    return Judged(1.0, "a", 1, template, model, passed)


def test_ends_are_counted_by_state_and_failure():
    tally = Tally()
    failed = Job("c", JobState.FAILED, failure=JobFailure("out_of_memory", "no room"))
    tally.add([Job("a", JobState.COMPLETED), Job("b", JobState.COMPLETED), failed])
    found = samples(tally)
    assert found["comfygen_jobs_ended_total", "completed", ""] == 2
    assert found["comfygen_jobs_ended_total", "failed", "out_of_memory"] == 1


def test_stages_are_histograms_of_what_is_known():
    tally = Tally()
    tally.add([Job("a", JobState.COMPLETED, timings={"generate": 2.0, "waited": "?", "nodes": {"3": 1.0}})])
    found = samples(tally)
    assert found["comfygen_job_stage_seconds_count", "generate"] == 1
    assert found["comfygen_job_stage_seconds_sum", "generate"] == 2.0
    assert found["comfygen_job_stage_seconds_bucket", "generate", "1.0"] == 0
    assert found["comfygen_job_stage_seconds_bucket", "generate", "2.5"] == 1
    assert found["comfygen_job_stage_seconds_count", "waited"] == 0


@pytest.mark.parametrize(("seconds", "bucket"), [(-1.0, 0), (0.05, 0), (0.06, 1), (3600, len(BUCKETS) - 1), (1e9, -1)])
def test_time_falls_into_the_bucket_of_its_bound(seconds, bucket):
    durations = Durations()
    durations.add(seconds)
    counts = [count for _, count in durations.buckets()]
    assert counts.index(1) == bucket % (len(BUCKETS) + 1)
    assert durations.sum == max(seconds, 0)


def test_jobs_are_counted_by_what_was_found_of_their_pictures():
    found = {"score": None, "reason": "", "take": 1, "takes": 1}
    tally = Tally()
    tally.add(
        [
            Job("a", JobState.COMPLETED, quality={"passed": True, **found}),
            Job("b", JobState.PARTIAL, quality={"passed": False, **found}),
            Job("c", JobState.COMPLETED, quality={"passed": None, **found}),
            Job("d", JobState.COMPLETED),
            Job("e", JobState.FAILED, quality={"passed": None, **found}),
        ]
    )
    counted = {name: value for name, value in samples(tally).items() if name[0] == "comfygen_quality_jobs_total"}
    assert counted == {("comfygen_quality_jobs_total", result): 1 for result in ("passed", "rejected", "unjudged")}


def test_takes_are_counted_by_workflow_model_and_result():
    tally = TakeTally()
    tally.add([judged(), judged(), judged(passed=False), judged(passed=None, template="", model="")])
    assert samples(tally) == {
        ("comfygen_quality_takes_total", "sd15", "x.safetensors", "passed"): 2,
        ("comfygen_quality_takes_total", "sd15", "x.safetensors", "rejected"): 1,
        ("comfygen_quality_takes_total", "-", "-", "unjudged"): 1,
    }


def test_workflows_that_anybody_may_name_make_no_endless_series():
    tally = TakeTally(most=2)
    tally.add(judged(template=f"mine-{number}") for number in range(5))
    tally.add([judged(template="mine-1")])
    assert samples(tally) == {
        ("comfygen_quality_takes_total", "mine-0", "x.safetensors", "passed"): 1,
        ("comfygen_quality_takes_total", "mine-1", "x.safetensors", "passed"): 2,
        ("comfygen_quality_takes_total", "other", "other", "passed"): 3,
    }
