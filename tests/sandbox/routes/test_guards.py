from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contracts.peer import Peer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 200),
        ({"Host": "elsewhere.example"}, 200),
        ({"Host": "elsewhere.example", "Origin": "http://elsewhere.example"}, 200),
        ({"Host": "localhost:9", "Origin": "http://localhost:9"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 200),
    ],
)
async def test_pages_of_other_sites_are_kept_out(peer: Peer, headers: dict[str, str], status: int):
    """Recorded in 12_origin."""
    assert (await peer.get("/prompt", headers=headers)).status == status


async def test_own_page_may_ask(peer: Peer):
    assert (await peer.get("/prompt", headers={"Origin": peer.url})).status == 200


async def test_options_is_answered_everywhere(peer: Peer):
    answer = await peer.request("OPTIONS", "/prompt")
    assert (answer.status, answer.body) == (200, b"")
