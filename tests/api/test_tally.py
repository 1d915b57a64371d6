from __future__ import annotations

import pytest

from comfy_gen.api.tally import BUCKETS, Durations, Tally
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import Job, JobState


def samples(tally):
    return {
        (sample.name, *sample.labels.values()): sample.value for family in tally.families() for sample in family.samples
    }


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
