"""Links that carry their own permission."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from comfy_gen.app.links import Links

ARTIFACT = "1b4e28ba-2fa1-51d2-883f-0016d3cca427"


@pytest.fixture
def clock():
    return [1_000_000.0]


@pytest.fixture
def links(clock):
    return Links("secret", lifetime=60, clock=lambda: clock[0])


def token_of(link):
    return parse_qs(urlsplit(link).query)["token"][0]


def test_link_leads_to_the_artifact_with_a_token_that_holds(links):
    link = links.sign(ARTIFACT)
    assert link.startswith(f"/artifacts/{ARTIFACT}?token=")
    assert links.check(ARTIFACT, token_of(link))


def test_link_begins_with_the_address_of_the_service():
    assert Links("secret", "https://img.example/api/").sign(ARTIFACT).startswith("https://img.example/api/artifacts/")


def test_token_needs_no_escaping(links):
    token = links.sign(ARTIFACT).partition("token=")[2]
    assert token == token_of(links.sign(ARTIFACT))


def test_token_of_one_artifact_does_not_open_another(links):
    token = token_of(links.sign(ARTIFACT))
    assert not links.check(ARTIFACT.replace("1b", "2b"), token)
    assert not links.check(ARTIFACT[:-1], f"7.{token}")


def test_token_expires(links, clock):
    token = token_of(links.sign(ARTIFACT))
    clock[0] += 60
    assert links.check(ARTIFACT, token)
    clock[0] += 1
    assert not links.check(ARTIFACT, token)


def test_token_of_the_future_is_not_good(links, clock):
    token = token_of(links.sign(ARTIFACT))
    clock[0] -= 10
    assert not links.check(ARTIFACT, token)


def test_processes_with_the_same_secret_accept_each_other_s_and_no_others(links, clock):
    token = token_of(links.sign(ARTIFACT))
    assert Links("secret", clock=lambda: clock[0]).check(ARTIFACT, token)
    assert not Links("another", clock=lambda: clock[0]).check(ARTIFACT, token)


@pytest.mark.parametrize("token", ["", ".", "a.b", "ü", "\0", "a" * 10_000, "....", "AAAA.\udcff"])
def test_what_is_no_token_opens_nothing(links, token):
    assert not links.check(ARTIFACT, token)


def test_token_that_was_changed_opens_nothing(links):
    token = token_of(links.sign(ARTIFACT))
    changed = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(len(token) - 1)
    ]
    assert not any(links.check(ARTIFACT, one) for one in changed)
