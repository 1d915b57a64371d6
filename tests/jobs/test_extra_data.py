"""What a ComfyUI gets beside a workflow, as it is kept."""

from __future__ import annotations

import json

import pytest

from comfy_gen.errors import SealError
from comfy_gen.jobs.extra_data import SEALED, SealedExtra

PLAIN = {"extra_pnginfo": {"workflow": {"nodes": []}}, "client_id": "me"}
SECRET = {"api_key_comfy_org": "key-of-tests", "auth_token_comfy_org": "token-of-tests"}


def test_what_is_no_secret_is_kept_as_it_is():
    assert SealedExtra("one").sealed(PLAIN) == PLAIN
    assert SealedExtra("one").opened(PLAIN) == PLAIN


def test_secrets_come_out_as_they_went_in_and_cannot_be_read_in_between():
    kept = SealedExtra("one").sealed(PLAIN | SECRET)
    assert set(kept) == {*PLAIN, SEALED}
    assert not any(value in json.dumps(kept) for value in SECRET.values())
    assert SealedExtra("one").opened(kept) == PLAIN | SECRET


def test_other_secret_opens_none():
    with pytest.raises(SealError, match="key for paid nodes"):
        SealedExtra("two").opened(SealedExtra("one").sealed(SECRET))


def test_nobody_brings_something_sealed_of_their_own():
    assert SealedExtra("one").sealed({SEALED: "forged", "client_id": "me"}) == {"client_id": "me"}
