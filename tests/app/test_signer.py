"""What is signed, and what is taken back."""

from __future__ import annotations

import pytest

from comfy_gen.app.signer import LONGEST, Signer


def signer(secret="secret", salt="salt", now=1_000_000.0):
    return Signer(secret, salt, lambda: now)


def test_token_proves_what_was_said_and_nothing_else():
    token = signer().token("this")
    assert signer().proves(token, "this", lifetime=60)
    assert not signer().proves(token, "that", lifetime=60)
    assert "this" not in token


def test_token_is_good_for_one_secret_and_one_purpose():
    token = signer().token("this")
    assert not signer(secret="another").proves(token, "this", lifetime=60)
    assert not signer(salt="another").proves(token, "this", lifetime=60)


@pytest.mark.parametrize(("age", "is_good"), [(0, True), (60, True), (61, False), (-1, False)])
def test_token_is_good_for_a_while(age, is_good):
    token = signer().token("this")
    assert signer(now=1_000_000.0 + age).proves(token, "this", lifetime=60) is is_good


@pytest.mark.parametrize("token", ["", ".", "a.b", "ü", "x" * (LONGEST + 1)])
def test_anything_else_proves_nothing(token):
    assert not signer().proves(token, "this", lifetime=60)
