from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.sandbox import Fault, Kind

if TYPE_CHECKING:
    from comfy_gen.sandbox import Sandbox
    from tests.contracts.peer import Peer


async def test_faults_are_scripted_over_http(sandbox: Sandbox, peer: Peer):
    answer = await peer.post("/sandbox/faults", ["die", {"kind": "slow", "times": None, "seconds": 1}])
    assert [fault["kind"] for fault in answer.json()] == ["die", "slow"]
    assert sandbox.faults.faults[1] == Fault(Kind.SLOW, times=None, seconds=1.0)
    assert (await peer.get("/sandbox/faults")).json() == answer.json()
    assert (await peer.request("DELETE", "/sandbox/faults")).json() == []
    assert not sandbox.faults


@pytest.mark.parametrize("body", ["explode", {"nth": 1}, 5, {"kind": "die", "when": 1}])
async def test_faulty_fault_over_http_is_refused(peer: Peer, body: object):
    answer = await peer.post("/sandbox/faults", body)
    assert answer.status == 400
    assert "must be" in answer.json()["error"]


async def test_routes_of_the_script_are_never_struck(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("error_500:route=*,times=forever")
    assert (await peer.get("/queue")).status == 500
    assert (await peer.request("DELETE", "/sandbox/faults")).status == 200
    assert (await peer.get("/queue")).status == 200
