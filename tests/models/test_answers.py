from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from comfy_gen.models.answers import (
    Busy,
    Lying,
    Moved,
    Piece,
    Refused,
    Unsatisfied,
    Whole,
    pause_after,
    read_answer,
)
from comfy_gen.models.parts import Identity, Span

ASKED = Span(10, 20)


def read(status, asked=ASKED, **headers):
    return read_answer(status, CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}), asked)


def test_whole_file_has_its_length_and_etag():
    assert read(200, content_length="5", etag='"a"') == Whole(Identity(5, '"a"'), is_delimited=True)


def test_chunked_answer_has_an_end_and_no_length():
    assert read(200, content_length="5", transfer_encoding="gzip, chunked") == Whole(Identity(), is_delimited=True)


def test_answer_without_length_has_no_end_that_can_be_told():
    assert read(200) == Whole(Identity(), is_delimited=False)


@pytest.mark.parametrize(("stated", "end"), [("10-19/30", 20), ("10-14/30", 15), ("10-19/*", 20)])
def test_part_is_what_was_asked_for_or_the_beginning_of_it(stated, end):
    answer = read(206, content_range=f"bytes {stated}", content_length=str(end - 10))
    assert isinstance(answer, Piece)
    assert answer.span == Span(10, end)
    assert answer.identity.size == (None if stated.endswith("*") else 30)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content_range": "bytes 11-19/30"},
        {"content_range": "bytes 10-20/30"},
        {"content_range": "bytes 10-9/30"},
        {"content_range": "bytes 10-19/15"},
        {"content_range": "lines 10-19/30"},
        {"content_range": f"bytes 10-{'9' * 5000}/30"},
        {"content_range": f"bytes 10-19/{'9' * 5000}"},
        {"content_range": "bytes \u0661\u0660-\u0661\u0669/30"},
        {"content_range": "bytes 10-19/30", "content_length": "11"},
        {"content_range": "bytes 10-19/30", "content_encoding": "gzip"},
        {"content_type": "multipart/byteranges; boundary=x"},
    ],
)
def test_part_that_contradicts_itself_is_a_lie(headers):
    assert isinstance(read(206, **headers), Lying)


def test_part_that_nobody_asked_for_is_a_lie():
    assert isinstance(read(206, None, content_range="bytes 10-19/30"), Lying)


def test_packed_file_is_a_lie():
    assert isinstance(read(200, content_encoding="br"), Lying)
    assert isinstance(read(200, content_encoding="Identity"), Whole)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_say_where_to(status):
    assert read(status, location="/there") == Moved("/there")


def test_range_that_is_not_there_is_told():
    assert read(416) == Unsatisfied()


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "Thu, 01 Jan 2026 00:00:09 GMT", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 9.0),
        ({"retry_after": "Thu, 01 Jan 2026 00:00:00 GMT", "date": "Thu, 01 Jan 2026 00:00:09 GMT"}, 0.0),
        ({"retry_after": "Thu, 01 Jan 2026 00:00:09 GMT"}, None),
    ],
)
def test_busy_server_says_when_to_come_again(headers, after):
    assert read(503, **headers) == Busy("the server answers with status 503", after)


@pytest.mark.parametrize(
    ("status", "says"), [(401, "login"), (403, "login"), (404, "no such"), (410, "no such"), (400, "400"), (204, "204")]
)
def test_refusal_says_why(status, says):
    answer = read(status)
    assert isinstance(answer, Refused)
    assert says in answer.reason


def test_web_page_is_no_file():
    assert isinstance(read(200, content_type="Text/HTML; charset=utf-8"), Refused)


NAMES = ["Content-Range", "Content-Length", "ETag", "Date", "Retry-After", "Content-Type", "Content-Encoding"]


@given(st.integers(100, 599), st.dictionaries(st.sampled_from([*NAMES, "Last-Modified"]), st.text(max_size=40)))
def test_whatever_a_server_says_is_read(status, headers):
    answer = read_answer(status, CIMultiDict(headers), ASKED)
    assert not isinstance(answer, Piece) or answer.span.start == ASKED.start


def test_pauses_grow_and_have_an_end():
    assert [pause_after(failures, None) for failures in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause_after(50, None) == 60
    assert pause_after(1, 7) == 7
    assert pause_after(4, 0) == 8
    assert pause_after(1, 1e9) == 60
