from __future__ import annotations

from types import SimpleNamespace

from comfy_gen.api.takes import take_json, takes_of
from comfy_gen.api.wire.takes import Take as TakeOfTheDocument
from comfy_gen.jobs.job import Job, JobId, JobState
from comfy_gen.jobs.result import output_of
from comfy_gen.validation.gate import PictureVerdict
from comfy_gen.validation.takes import Take
from tests.api.taking import picture, take

JOB = Job(JobId("6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"), JobState.COMPLETED, take=2)


def test_take_that_is_the_result_says_so():
    assert [take_json(take(JOB.job_id, number), JOB, [])["is_result"] for number in (1, 2, 3)] == [False, True, False]


def test_take_is_told_with_all_that_was_found_of_its_pictures():
    verdict = PictureVerdict(passed=None, reason="no weights").as_json() | {"artifact_id": "a"}
    made = Take(number=1, passed=None, reason="no weights", verdicts=[verdict], changes={"cfg": 7.5}, flaws=1)
    output = output_of(picture(JOB.job_id, 1), url="/x")
    told = take_json(made, JOB, [output])
    assert TakeOfTheDocument.model_validate(told).model_dump() == told
    assert (told["changes"], told["verdicts"], told["output"]) == ({"cfg": 7.5}, [verdict], [output])


async def test_job_that_nobody_judges_has_none_and_nobody_asks_for_them():
    assert await takes_of(SimpleNamespace(), None, JOB, None, None) == []
