"""Tests of how hashes are written."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfy.hashes import digest_in, hash_of

DIGEST = "0123456789abcdef" * 4


def test_hash_is_read_as_it_is_told():
    assert hash_of(DIGEST) == f"blake3:{DIGEST}"
    assert digest_in(hash_of(DIGEST)) == DIGEST


def test_hash_is_read_in_any_case():
    assert digest_in(f" BLAKE3:{DIGEST.upper()}\n") == DIGEST


@pytest.mark.parametrize(
    "said", ["", DIGEST, f"sha256:{DIGEST}", f"blake3:{DIGEST}0", f"blake3:{DIGEST[:-1]}g", "blake3:"]
)
def test_what_is_no_hash_is_none(said):
    assert digest_in(said) is None
