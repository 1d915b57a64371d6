from __future__ import annotations

from typing import Any, cast

from comfy_gen.sandbox.log import Log
from comfy_gen.sandbox.sockets import Sockets


class Ears:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str | None]] = []

    def send(self, kind: str, data: dict[str, Any], *, to: str | None) -> None:
        self.heard.append((f"{kind} {data['entries'][0]['m']}", to))


def test_lines_are_kept_and_sent_to_subscribers_only():
    ears = Ears()
    log = Log(cast("Sockets", ears))
    log.write("before")
    log.subscribers.add("me")
    log.write("after")
    assert [entry["m"] for entry in log.entries] == ["before\n", "after\n"]
    assert ears.heard == [("logs after\n", "me")]


def test_old_lines_go():
    log = Log(Sockets())
    for number in range(400):
        log.write(str(number))
    assert log.entries[0]["m"] == "100\n"
