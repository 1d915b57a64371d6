from dataclasses import replace

import pytest

from comfy_gen.webhooks.schedule import (
    DELAYS,
    MAX_RETRY_AFTER,
    NEWS_DELAYS,
    SPREAD,
    Delivery,
    Result,
    failed,
    given_up,
    judge,
)

NOW = 1_000_000.0


def delivery(attempts=0, delivery_id="d1"):
    return Delivery(delivery_id, "j1", "https://example.org/hook?key=secret", b"{}", attempts, NOW)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_receiver_that_says_yes_has_it(status):
    assert judge(delivery(), status, now=NOW) == Result(status, "", is_done=True, next_at=None)


def test_receiver_that_is_gone_is_told_no_more():
    result = judge(delivery(), 410, now=NOW)
    assert (result.status, result.is_done, result.next_at) == (410, False, None)
    assert "410" in result.error


@pytest.mark.parametrize("status", [199, 301, 400, 404, 429, 500, 503])
def test_any_other_answer_is_tried_again(status):
    result = judge(delivery(), status, now=NOW)
    assert not result.is_done
    assert 5 <= (result.next_at or 0) - NOW <= 5.5
    assert str(status) in result.error


def test_attempts_go_on_for_a_day_and_then_end():
    at, attempts, result = NOW, 0, failed(delivery(), "no answer", now=NOW)
    while result.next_at is not None:
        at, attempts = result.next_at, attempts + 1
        result = failed(delivery(attempts), "no answer", now=at)
    assert attempts == len(DELAYS)
    assert 24 * 3600 <= at - NOW <= 24 * 3600 * (1 + SPREAD)
    assert result == Result(None, "no answer", is_done=False, next_at=None)


def test_first_attempts_are_soon_and_later_ones_rare():
    assert DELAYS[:5] == (5, 30, 120, 600, 3600)
    assert list(DELAYS) == sorted(DELAYS)


def test_what_failed_together_does_not_come_back_together():
    times = {failed(delivery(delivery_id=f"d{number}"), "", now=NOW).next_at for number in range(100)}
    assert len(times) == 100
    assert failed(delivery(), "", now=NOW) == failed(delivery(), "", now=NOW)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("999999999", MAX_RETRY_AFTER),
        ("1", 5),
        ("-5", 5),
        ("soon", 5),
        ("Wed, 21 Oct 2015 07:28 GMT", 5),
    ],
)
def test_receiver_may_ask_for_more_patience_within_bounds(said, seconds):
    result = judge(delivery(), 503, retry_after=said, now=NOW)
    assert NOW + seconds <= result.next_at <= NOW + seconds * (1 + SPREAD)


def test_retry_after_does_not_bring_back_what_is_at_its_end():
    assert judge(delivery(len(DELAYS)), 503, retry_after="5", now=NOW).next_at is None


def test_what_is_given_up_has_no_next_time():
    assert given_up("its address is not public") == Result(None, "its address is not public", False, None)


def test_address_and_body_are_not_shown():
    assert "secret" not in repr(delivery())


def test_news_of_progress_is_given_up_within_a_minute():
    at, attempts, result = NOW, 0, failed(replace(delivery(), delays=NEWS_DELAYS), "no answer", now=NOW)
    while result.next_at is not None:
        at, attempts = result.next_at, attempts + 1
        result = failed(replace(delivery(attempts), delays=NEWS_DELAYS), "no answer", now=at)
    assert attempts == 2
    assert at - NOW < 60
