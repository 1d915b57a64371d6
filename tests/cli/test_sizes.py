from __future__ import annotations

import pytest

from comfy_gen.cli.sizes import read_size
from comfy_gen.errors import InvalidParameterError


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GB", 8 * 10**9), ("1.5 g", 1_500_000_000), ("12GiB", 12 * 2**30), ("512 mb", 512 * 10**6), ("7B", 7)],
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert read_size(text, name="--vram") == size


@pytest.mark.parametrize("text", ["8", "", "GB", "-1GB", "8XB", "1e3GB"])
def test_what_is_no_size_is_refused_by_name(text):
    with pytest.raises(InvalidParameterError, match="--vram"):
        read_size(text, name="--vram")


def test_number_without_end_is_no_size():
    with pytest.raises(InvalidParameterError):
        read_size(f"{'9' * 400}GB", name="--vram")
