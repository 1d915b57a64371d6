"""What engines declare is asked seldom, and known as one while it is the same."""

from __future__ import annotations

import asyncio
import copy

from comfy_gen.app.declared import Declared
from comfy_gen.errors import EngineUnreachableError


class Engines:
    """Engines that declare what they are set to, and count who asks; one that is set to nothing does not answer."""

    def __init__(self, **infos):
        self.infos = infos
        self.asked = []
        self.now = 0.0

    async def fetch(self, name):
        self.asked.append(name)
        await asyncio.sleep(0)
        if self.infos[name] is None:
            raise EngineUnreachableError(name, "it is gone")
        return copy.deepcopy(self.infos[name])

    def clock(self):
        return self.now


def declared(**infos):
    engines = Engines(**infos)
    return engines, Declared(engines.fetch, engines.clock)


async def test_answer_is_good_for_as_long_as_is_said():
    engines, known = declared(a={"A": {}})
    assert await known.all("a", "a", fresh=5) == {"a": {"A": {}}}
    engines.now = 4
    await known.all("a", "a", fresh=5)
    assert engines.asked == ["a"]
    await known.all("a", "a", fresh=3)
    assert engines.asked == ["a", "a"]


async def test_those_who_ask_at_the_same_time_have_it_asked_once():
    engines, known = declared(a={"A": {}})
    await asyncio.gather(*(known.merged("a", "a", fresh=5) for _ in range(10)))
    assert engines.asked == ["a"]


async def test_together_they_are_the_very_same_while_nothing_changes():
    engines, known = declared(a={"A": {}}, b={"A": {}, "B": {}})
    first = await known.merged("ab", "ab", fresh=0)
    assert {*first} == {"A", "B"}
    assert await known.merged("ab", "ab", fresh=0) is first
    engines.infos["b"]["C"] = {}
    assert {*await known.merged("ab", "ab", fresh=0)} == {"A", "B", "C"}


async def test_what_changes_to_nobodys_eyes_is_no_change():
    engines, known = declared(a={"A": {"input": {"required": {"image": [["x.png"]]}}}})
    first = await known.merged("a", "a", fresh=0)
    engines.infos["a"]["A"]["input"]["required"]["image"][0].append(f"comfygen-{'b' * 20}.png")
    assert await known.merged("a", "a", fresh=0) is first


async def test_engine_that_does_not_answer_is_taken_at_its_last_word_and_one_that_left_is_forgotten():
    engines, known = declared(a={"A": {}}, b={"B": {}})
    await known.all("ab", "ab", fresh=0)
    engines.infos["b"] = None
    assert {*await known.merged("ab", "ab", fresh=0)} == {"A", "B"}
    assert {*await known.merged("ab", "a", fresh=0)} == {"A", "B"}
    assert {*await known.merged("a", "a", fresh=0)} == {"A"}
    assert {*await known.merged("ab", "a", fresh=0)} == {"A"}
