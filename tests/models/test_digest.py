from __future__ import annotations

import hashlib

import pytest

from comfy_gen.models.digest import sha256_of


async def test_file_is_hashed_from_end_to_end_and_told_of(tmp_path):
    content = bytes(16 * 2**20) + b"more"
    (tmp_path / "a").write_bytes(content)
    told = []
    assert await sha256_of(tmp_path / "a", told.append) == hashlib.sha256(content).hexdigest()
    assert told == [16 * 2**20, len(content)]


async def test_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        await sha256_of(tmp_path / "a")
