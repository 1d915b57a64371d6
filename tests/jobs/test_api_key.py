"""What keys look like."""

from __future__ import annotations

import pytest

from comfy_gen.jobs.api_key import ApiKey, digest_of, new_id, new_secret, parse, text_of


def test_text_of_a_key_is_read_again():
    for _ in range(50):  # chance is in it
        key_id, secret = new_id(), new_secret()
        assert parse(text_of(key_id, secret)) == (key_id, secret)


@pytest.mark.parametrize("text", ["", "cg__", "cg_abcdefgh_", f"xx_abcdefgh_{'a' * 43}", f"cg_abcdefgh_{'a' * 43}\n"])
def test_what_cannot_be_a_key_is_none(text):
    assert parse(text) is None


def test_only_its_own_secret_matches_a_key_and_it_is_not_shown():
    key = ApiKey("abcdefgh", "anna", "anna", frozenset(), 1.0, digest_of("secret"))
    assert key.matches("secret")
    assert not key.matches("secre")
    assert not key.matches("ü")
    assert key.digest not in repr(key)


def test_keys_are_never_the_same():
    assert len({new_secret() for _ in range(100)}) == len({new_id() for _ in range(100)}) == 100
