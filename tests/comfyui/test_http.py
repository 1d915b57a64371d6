from __future__ import annotations

import pytest

from comfy_gen.comfyui.http import normalise_url
from comfy_gen.errors import InvalidParameterError


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("http://gpu:8188/", "http://gpu:8188"),
        ("gpu:8188", "http://gpu:8188"),
        ("https://gpu/comfy/", "https://gpu/comfy"),
    ],
)
def test_address_is_completed(given, full):
    assert normalise_url(given) == full


@pytest.mark.parametrize("given", ["ftp://gpu", "http://", "http://gpu:port", "", "http://[::1"])
def test_impossible_address_is_refused(given):
    with pytest.raises(InvalidParameterError, match="engine's address"):
        normalise_url(given)
