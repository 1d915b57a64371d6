"""Cookies that stand for a key."""

from __future__ import annotations

import pytest

from comfy_gen.app.cookie import LIFETIME, Cookies, key_id_of
from comfy_gen.app.links import Links


def cookies(secret="secret", now=1_000_000.0):
    return Cookies(secret, clock=lambda: now)


def test_cookie_is_good_for_its_key_alone():
    cookie = cookies().sign("abcdefgh", "digest")
    assert key_id_of(cookie) == "abcdefgh"
    assert cookies().check(cookie, "digest")
    assert not cookies().check(cookie, "digest of another secret")
    assert not cookies().check(cookie.replace("abcdefgh", "abcdefgi"), "digest")
    assert not cookies("another").check(cookie, "digest")


def test_cookie_says_nothing_of_the_secret():
    assert "digest" not in cookies().sign("abcdefgh", "digest")


def test_cookie_is_good_for_a_month():
    cookie = cookies().sign("abcdefgh", "digest")
    assert cookies(now=1_000_000.0 + LIFETIME).check(cookie, "digest")
    assert not cookies(now=1_000_001.0 + LIFETIME).check(cookie, "digest")


def test_token_of_a_link_is_no_cookie():
    link = Links("secret", clock=lambda: 1_000_000.0).sign("abcdefgh.digest")
    assert not cookies().check(f"abcdefgh.{link.partition('token=')[2]}", "digest")


@pytest.mark.parametrize("cookie", ["", "abcdefgh", "abcdefgh.", "..", "abcdefgh.aaaaaa.bbbb", "ü.ü.ü"])
def test_anything_else_is_no_cookie(cookie):
    assert not cookies().check(cookie, "digest")
