from __future__ import annotations

import json

from comfy_gen.sandbox import queue
from comfy_gen.sandbox.queue import History, Item, PromptQueue


def item(number: float, prompt_id: str, **extra_data: str) -> Item:
    return Item(number, prompt_id, {}, dict(extra_data), [])


def drained(prompts: PromptQueue) -> list[str]:
    ids: list[str] = []
    while taken := prompts.take():
        ids.append(taken.prompt_id)
        prompts.finish()
    return ids


def test_prompts_run_by_number():
    prompts = PromptQueue()
    for number, prompt_id in ((2, "later"), (1, "sooner"), (-3, "front")):
        prompts.put(item(number, prompt_id))
    assert drained(prompts) == ["front", "sooner", "later"]


def test_equal_numbers_run_by_prompt_id():
    """ComfyUI behaviour: its heap compares the whole entry."""
    prompts = PromptQueue()
    for prompt_id in ("b", "a"):
        prompts.put(item(1, prompt_id))
    assert drained(prompts) == ["a", "b"]


def test_same_number_and_id_twice_can_be_queued():
    prompts = PromptQueue()
    prompts.put(item(1, "a"))
    prompts.put(item(1, "a"))
    assert drained(prompts) == ["a", "a"]


def test_running_prompt_counts_as_remaining_until_it_is_finished():
    prompts = PromptQueue()
    prompts.put(item(1, "a"))
    assert (prompts.remaining, prompts.as_json()["queue_running"]) == (1, [])
    prompts.take()
    assert (prompts.remaining, prompts.as_json()["queue_pending"]) == (1, [])
    prompts.finish()
    assert prompts.remaining == 0


def test_delete_takes_waiting_prompts_only():
    prompts = PromptQueue()
    prompts.put(item(1, "running"))
    prompts.take()
    prompts.put(item(2, "waiting"))
    assert not prompts.delete(["running", "unknown"])
    assert prompts.delete(["waiting"])
    assert (prompts.remaining, prompts.running) == (1, item(1, "running"))


def test_clear_leaves_the_running_prompt():
    prompts = PromptQueue()
    prompts.put(item(1, "running"))
    prompts.take()
    prompts.put(item(2, "waiting"))
    prompts.clear()
    assert prompts.remaining == 1


def test_item_is_a_list_of_five_in_json():
    assert json.loads(json.dumps(item(1.5, "a", client_id="c"))) == [1.5, "a", {}, {"client_id": "c"}, []]


def test_item_without_client_id_has_none():
    assert item(1, "a").client_id is None
    assert item(1, "a", client_id="me").client_id == "me"
    assert Item(1, "a", {}, {"client_id": ["odd"]}, []).client_id is None


def history(*prompt_ids: str) -> History:
    kept = History()
    for prompt_id in prompt_ids:
        kept.add(prompt_id, {"id": prompt_id})
    return kept


def test_unknown_prompt_has_an_empty_history():
    assert history("a").get("b") == {}
    assert history("a").get("a") == {"a": {"id": "a"}}


def test_page_without_limits_is_all_of_it_oldest_first():
    assert list(history("a", "b", "c").page()) == ["a", "b", "c"]


def test_page_of_some_is_the_newest_unless_an_offset_is_given():
    kept = history("a", "b", "c")
    assert list(kept.page(max_items=2)) == ["b", "c"]
    assert list(kept.page(max_items=1, offset=0)) == ["a"]
    assert list(kept.page(offset=1)) == ["b", "c"]


def test_page_beyond_the_end_or_of_none_is_empty():
    """ComfyUI behaviour."""
    kept = history("a", "b")
    assert kept.page(offset=1000) == {}
    assert kept.page(max_items=0) == {}
    assert kept.page(max_items=-1) == {}


def test_oldest_goes_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(queue, "MAX_HISTORY", 2)
    kept = history("a", "b", "c", "d")
    assert "a" not in kept.page()
    assert len(kept) == 3


def test_history_forgets_what_it_is_told():
    kept = history("a", "b", "c")
    kept.delete(["b", "unknown"])
    assert list(kept.page()) == ["a", "c"]
    kept.clear()
    assert kept.page() == {}
