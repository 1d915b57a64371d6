from __future__ import annotations

import uuid

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.ids import artifact_id_of, check_job_id, delivery_id_of, new_job_id

_JOB, _OTHER = new_job_id(), new_job_id()


def test_new_id_is_a_uuid_that_can_be_given_back():
    assert uuid.UUID(_JOB).version == 4
    check_job_id(_JOB)


@pytest.mark.parametrize("job_id", ["", "x", _JOB.upper(), _JOB.replace("-", ""), f"{{{_JOB}}}", 7, None])
def test_other_texts_are_no_ids(job_id):
    with pytest.raises(InvalidParameterError):
        check_job_id(job_id)


def test_same_output_of_the_same_job_has_the_same_id():
    assert artifact_id_of(_JOB, "9", "image", 0) == artifact_id_of(_JOB, "9", "image", 0)
    others = [
        artifact_id_of(_JOB, "9", "image", 1),
        artifact_id_of(_JOB, "9", "video", 0),
        artifact_id_of(_JOB, "8", "image", 0),
        artifact_id_of(_OTHER, "9", "image", 0),
    ]
    assert len({artifact_id_of(_JOB, "9", "image", 0), *others}) == 5


def test_each_end_of_each_run_has_a_webhook_of_its_own():
    ids = {
        delivery_id_of(job, state, run) for job in (_JOB, _OTHER) for state in ("failed", "completed") for run in (1, 2)
    }
    assert len(ids) == 8
    assert delivery_id_of(_JOB, "failed", 1) in ids
