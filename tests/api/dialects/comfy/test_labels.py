from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfy.labels import LONGEST, LONGEST_NAME, MOST, labels_in, labels_of, metadata_in
from comfy_gen.errors import InvalidParameterError


@pytest.mark.parametrize("said", [{}, {"client": "acme", "batch": "7"}, "one text", {"comfy": "a label"}, {"a": ""}])
def test_labels_are_told_as_they_were_sent(said):
    assert labels_of(metadata_in(said)) == said


def test_no_labels_are_none():
    assert metadata_in(None) == {}


def test_texts_among_any_jobs_metadata_are_its_labels():
    assert labels_of({"client": "acme", "run": 7, "more": {"client": "x"}, "comfy": {"label": 1}}) == {"client": "acme"}


@pytest.mark.parametrize(
    "said",
    [
        7,
        ["a"],
        {"a": 7},
        {"a": None},
        {"": "a"},
        {"a" * (LONGEST_NAME + 1): "a"},
        {"a": "b" * (LONGEST + 1)},
        "a" * (LONGEST + 1),
        {str(number): "a" for number in range(MOST + 1)},
    ],
)
def test_what_are_no_labels_is_refused(said):
    with pytest.raises(InvalidParameterError) as caught:
        metadata_in(said)
    assert caught.value.name == "metadata"


def test_filter_has_the_labels_of_the_query_and_nothing_else():
    query = [("limit", "5"), ("metadata[client]", "acme"), ("metadata[a[b]]", "="), ("cursor", "3")]
    assert labels_in(query) == {"client": "acme", "a[b]": "="}


@pytest.mark.parametrize(
    "query",
    [
        [("metadata", "acme")],
        [("metadata[client", "acme")],
        [("metadata[]", "acme")],
        [("metadata[a]", "1"), ("metadata[a]", "2")],
        [("metadata[a]", "b" * (LONGEST + 1))],
        [(f"metadata[{number}]", "") for number in range(MOST + 1)],
    ],
)
def test_filter_that_no_job_could_fit_is_refused(query):
    with pytest.raises(InvalidParameterError) as caught:
        labels_in(query)
    assert caught.value.name.startswith("metadata[")
