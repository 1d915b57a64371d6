from __future__ import annotations

import uuid

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.ids import JobId, check_job_id, delivery_id_of, new_job_id, progress_id_of

_JOB = JobId("f4b0d4b4-3a5e-4c39-9f6b-0b5c5e1c9a11")
_OTHER = JobId("0b5c5e1c-9a11-4c39-9f6b-f4b0d4b43a5e")


def test_new_id_is_a_uuid_that_can_be_given_back():
    made = new_job_id()
    assert uuid.UUID(made).version == 4
    check_job_id(made)


@pytest.mark.parametrize("job_id", ["", "x", _JOB.upper(), _JOB.replace("-", ""), f"{{{_JOB}}}", 7, None])
def test_other_texts_are_no_ids(job_id):
    with pytest.raises(InvalidParameterError):
        check_job_id(job_id)


def test_each_end_of_each_run_has_a_webhook_of_its_own():
    ids = {
        delivery_id_of(job, state, run) for job in (_JOB, _OTHER) for state in ("failed", "completed") for run in (1, 2)
    }
    assert len(ids) == 8
    assert delivery_id_of(_JOB, "failed", 1) in ids


def test_each_news_of_each_run_has_a_webhook_of_its_own():
    ids = {
        progress_id_of(job, mark, run) for job in (_JOB, _OTHER) for mark in ("1/generating", "1/2") for run in (1, 2)
    }
    assert len(ids) == 8
    assert progress_id_of(_JOB, "1/2", 1) in ids
