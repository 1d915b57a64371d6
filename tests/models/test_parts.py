from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.models.parts import (
    Identity,
    Note,
    Span,
    address_of,
    can_split,
    goes_on,
    held,
    identity_of,
    is_unlike,
    joined,
    missing,
    pieces,
    read_note,
)

SPANS = st.lists(st.builds(lambda start, size: Span(start, start + size), st.integers(0, 60), st.integers(0, 20)))
DATE, LONG_AGO = "Thu, 01 Jan 2026 00:00:00 GMT", "Wed, 31 Dec 2025 00:00:00 GMT"
ETAGGED = Identity(100, '"a"')
NOTE = Note(address_of("http://a/b"), ETAGGED, "", (Span(0, 10), Span(20, 30)))


def bytes_of(spans):
    return {number for span in spans for number in range(span.start, span.end)}


@given(SPANS)
def test_joined_spans_are_the_same_bytes_apart_and_in_order(spans):
    whole = joined(spans)
    assert bytes_of(whole) == bytes_of(spans)
    assert held(spans) == len(bytes_of(spans))
    assert all(one.end < other.start for one, other in pairwise(whole))


@given(SPANS, st.integers(0, 80), st.integers(0, 30))
def test_missing_bytes_are_those_that_are_not_here(have, start, size):
    within = Span(start, start + size)
    gaps = missing(have, within)
    assert bytes_of(gaps) == bytes_of([within]) - bytes_of(have)
    assert all(gap.size > 0 for gap in gaps)


@given(SPANS, st.integers(1, 30))
def test_pieces_are_the_same_bytes_in_bounded_spans(spans, most):
    cut = pieces(joined(spans), most)
    assert bytes_of(cut) == bytes_of(spans)
    assert sum(one.size for one in cut) == held(spans)
    assert all(0 < one.size <= most for one in cut)


def test_request_for_a_span_names_its_last_byte():
    assert Span(5, 10).header == "bytes=5-9"


@pytest.mark.parametrize(
    ("etag", "modified", "date", "validator"),
    [
        ('"a"', LONG_AGO, DATE, '"a"'),
        ('W/"a"', LONG_AGO, DATE, LONG_AGO),
        ('""', "", DATE, ""),
        ("a", "", "", ""),
        ("", DATE, DATE, ""),
        ("", LONG_AGO, "", ""),
        ("", "yesterday", DATE, ""),
        ("", "Wed, 31 Dec 2025 00:00:00 -0000", DATE, ""),
    ],
    ids=["strong", "weak", "empty", "unquoted", "just-changed", "undated", "no-date", "no-zone"],
)
def test_only_what_tells_versions_apart_is_a_validator(etag, modified, date, validator):
    assert identity_of(9, etag=etag, modified=modified, date=date).validator == validator


@pytest.mark.parametrize(
    ("one", "other", "unlike"),
    [
        (ETAGGED, ETAGGED, False),
        (ETAGGED, Identity(100, '"b"'), True),
        (ETAGGED, Identity(100), True),
        (ETAGGED, Identity(101, '"a"'), True),
        (ETAGGED, Identity(None, '"a"'), False),
        (Identity(1, "", LONG_AGO), Identity(1, "", DATE), True),
        (Identity(1, '"a"', LONG_AGO), Identity(1, '"a"', DATE), False),
        (Identity(1), Identity(1), False),
    ],
)
def test_versions_are_told_apart(one, other, unlike):
    assert is_unlike(one, other) is unlike
    assert is_unlike(other, one) is unlike


@pytest.mark.parametrize(
    ("identity", "sha256", "splits"),
    [(ETAGGED, "", True), (Identity(1), "", False), (Identity(1), "a", True), (Identity(None, '"a"'), "a", False)],
)
def test_file_is_put_together_only_where_a_change_would_be_seen(identity, sha256, splits):
    assert can_split(identity, sha256) is splits


def wanted(url="http://a/b", identity=ETAGGED, sha256=""):
    return Note(address_of(url), identity, sha256)


@pytest.mark.parametrize(
    ("note", "now", "goes"),
    [
        (NOTE, wanted(), True),
        (NOTE, wanted(identity=Identity(100, '"b"')), False),
        (NOTE, wanted(identity=Identity(99, '"a"')), False),
        (NOTE, wanted("http://other/b"), False),
        (replace(NOTE, sha256="f"), wanted("http://other/b", sha256="f"), True),
        (replace(NOTE, sha256="f"), wanted("http://other/b", sha256="e"), False),
        (replace(NOTE, sha256="f"), wanted(identity=Identity(100, '"b"'), sha256="f"), False),
        (replace(NOTE, sha256="f"), wanted(identity=Identity(100), sha256="f"), False),
        (replace(NOTE, identity=Identity(100), sha256="f"), wanted(identity=Identity(100), sha256="f"), True),
        (replace(NOTE, identity=Identity(100)), wanted(identity=Identity(100)), False),
    ],
    ids=[
        "same",
        "changed",
        "longer",
        "elsewhere",
        "same-hash-elsewhere",
        "other-hash-elsewhere",
        "changed-though-promised",
        "etag-gone",
        "only-the-hash",
        "nothing-tells",
    ],
)
def test_bytes_are_gone_on_from_only_if_they_are_of_the_same_file(note, now, goes):
    assert goes_on(note, now) is goes


def test_note_is_read_as_it_was_written():
    assert read_note(NOTE.as_text()) == NOTE
    assert "http" not in NOTE.as_text()


@pytest.mark.parametrize(
    "change",
    [
        {"have": [[0, 101]]},
        {"have": [[-1, 5]]},
        {"have": [[9, 5]]},
        {"have": [[0]]},
        {"have": [["0", "5"]]},
        {"have": None},
        {"size": None},
        {"size": "100"},
        {"etag": 5},
    ],
)
def test_note_that_cannot_be_is_not_believed(change):
    assert read_note(json.dumps(json.loads(NOTE.as_text()) | change)) is None


@given(st.integers(0, len(NOTE.as_text()) - 1))
def test_note_that_was_cut_short_is_not_believed(length):
    assert read_note(NOTE.as_text()[:length]) is None


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_anything_else_is_no_note(text):
    assert read_note(text) is None
