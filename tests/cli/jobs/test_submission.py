from __future__ import annotations

import pytest

from comfy_gen.cli.jobs.submission import Asked, Read, read_pairs, requests_of
from comfy_gen.errors import InvalidParameterError, RoleNotFoundError
from comfy_gen.validation.quality import Quality
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_seed
from comfy_gen.workflows.parameters import parameters_of

EMPTY = {"1": {"class_type": "EmptyImage", "inputs": {"width": 8}}, "2": {"class_type": "PreviewImage", "inputs": {}}}


def a_fox():
    return Read("pictures/fox.json", set_seed(load_template("sd15").workflow, 41))


def test_one_job_is_what_the_file_says():
    (request,) = requests_of([a_fox()], Asked(priority=3, owner="anna", tags=frozenset({"xl"})))
    assert request.workflow == a_fox().workflow
    assert (request.title, request.priority, request.owner, request.tags) == ("fox", 3, "anna", frozenset({"xl"}))
    assert (request.webhook, request.idempotency_key, request.metadata) == (None, None, {})


def test_job_of_a_template_has_its_name_and_that_of_a_file_has_none():
    (of_template,) = requests_of([Read("sd15", load_template("sd15").workflow)], Asked())
    (of_file,) = requests_of([a_fox()], Asked())
    assert (of_template.template, of_file.template) == ("sd15", "")


def test_several_jobs_count_their_seeds_up_from_the_file_s():
    requests = requests_of([a_fox()], Asked(count=3, key="k", webhook="http://sink/", metadata={"a": "b"}))
    assert [parameters_of(one.workflow).seed for one in requests] == [41, 42, 43]
    assert [one.title for one in requests] == ["fox, seed 41", "fox, seed 42", "fox, seed 43"]
    assert [one.idempotency_key for one in requests] == ["k/1", "k/2", "k/3"]
    assert {one.webhook.url for one in requests} == {"http://sink/"}


def test_one_job_has_the_very_key_and_title_that_were_given():
    (request,) = requests_of([a_fox()], Asked(key="k", title="Reynard"))
    assert (request.idempotency_key, request.title) == ("k", "Reynard")


def test_several_of_what_has_no_seed_would_all_be_the_same():
    assert len(requests_of([Read("x.json", EMPTY)], Asked())) == 1
    with pytest.raises(RoleNotFoundError, match="no seed"):
        requests_of([Read("x.json", EMPTY)], Asked(count=2))


@pytest.mark.parametrize("count", [0, 10_001])
def test_count_has_bounds(count):
    with pytest.raises(InvalidParameterError, match="from 1 to 10,000"):
        requests_of([a_fox()], Asked(count=count))


def test_pairs_are_read():
    assert read_pairs(["a=b", "c=d=e", "f="]) == {"a": "b", "c": "d=e", "f": ""}
    with pytest.raises(InvalidParameterError, match="KEY=VALUE"):
        read_pairs(["a=b", "c"])
    with pytest.raises(InvalidParameterError, match="KEY=VALUE"):
        read_pairs(["=b"])


def test_every_job_is_asked_for_the_same_quality():
    quality = Quality(best_of=2)
    assert {one.quality for one in requests_of([a_fox()], Asked(count=2, quality=quality))} == {quality}
