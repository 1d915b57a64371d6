from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.sandbox.plan import Plan, signatures

T2I: dict[str, Any] = {
    "4": {"class_type": "Load", "inputs": {"name": "a"}},
    "5": {"class_type": "Empty", "inputs": {"width": 64}},
    "6": {"class_type": "Encode", "inputs": {"text": "a cat", "clip": ["4", 1]}},
    "7": {"class_type": "Encode", "inputs": {"text": "bad", "clip": ["4", 1]}},
    "3": {
        "class_type": "Sample",
        "inputs": {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]},
    },
    "8": {"class_type": "Decode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "Save", "inputs": {"images": ["8", 0]}},
}


def order(prompt: dict[str, Any], *outputs: str, cached: frozenset[str] = frozenset()) -> list[str]:
    plan = Plan(
        prompt,
        outputs,
        is_output=lambda node_id: prompt[node_id]["class_type"] == "Save",
        is_cached=lambda node_id: node_id in cached,
    )
    ids: list[str] = []
    while plan:
        ids.append(plan.next())
        plan.done(ids[-1])
    return ids


def test_order_is_the_one_of_a_real_server():
    """Recorded in 02_success_ksampler."""
    assert order(T2I, "9") == ["4", "5", "7", "6", "3", "8", "9"]


def test_cached_nodes_and_what_only_they_need_are_left_out():
    assert order(T2I, "9", cached=frozenset({"4", "5", "6", "7"})) == ["3", "8", "9"]
    assert order(T2I, "9", cached=frozenset({"8"})) == ["9"]


def test_output_that_is_cached_itself_is_still_visited():
    """So that its client hears what it showed."""
    assert order(T2I, "9", cached=frozenset(T2I)) == ["9"]


def test_output_goes_before_other_work_as_soon_as_it_can():
    prompt = {
        "1": {"class_type": "Empty", "inputs": {}},
        "2": {"class_type": "Invert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "Save", "inputs": {"images": ["2", 0]}},
        "4": {"class_type": "Save", "inputs": {"images": ["1", 0]}},
    }
    assert order(prompt, "3", "4") == ["1", "4", "2", "3"]


def test_nodes_that_no_wanted_output_needs_do_not_run():
    prompt = {**T2I, "10": {"class_type": "Invert", "inputs": {"image": ["8", 0]}}}
    assert "10" not in order(prompt, "9")


def test_signature_depends_on_all_that_came_before():
    changed = {**T2I, "4": {"class_type": "Load", "inputs": {"name": "b"}}}
    before, after = signatures(T2I, {}), signatures(changed, {})
    assert {node_id for node_id in T2I if before[node_id] != after[node_id]} == {"4", "6", "7", "3", "8", "9"}


def test_signature_does_not_depend_on_ids_titles_and_order_of_inputs():
    one = {"1": {"class_type": "Empty", "inputs": {"width": 1, "height": 2}}}
    other = {"9": {"class_type": "Empty", "inputs": {"height": 2, "width": 1}, "_meta": {"title": "x"}}}
    assert signatures(one, {})["1"] == signatures(other, {})["9"]


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_signature_tells_values_of_other_types_apart(value: object):
    one, other = ({"1": {"class_type": "A", "inputs": {"x": given}}} for given in (1, value))
    assert signatures(one, {}) != signatures(other, {})


def test_signature_changes_with_the_fingerprint():
    assert signatures(T2I, {"4": "then"})["9"] != signatures(T2I, {"4": "now"})["9"]


def test_signatures_of_a_cycle_end():
    looped = {
        "1": {"class_type": "A", "inputs": {"x": ["2", 0]}},
        "2": {"class_type": "A", "inputs": {"x": ["1", 0]}},
        "3": {"class_type": "A", "inputs": {"x": ["gone", 0]}},
        "4": {"class_type": "A"},
    }
    assert signatures(looped, {}).keys() == looped.keys()


def test_long_chain_is_signed_without_recursion():
    chain = {str(k): {"class_type": "A", "inputs": {"x": [str(k + 1), 0]}} for k in range(5000)}
    chain["5000"] = {"class_type": "A", "inputs": {}}
    assert len(set(signatures(chain, {}).values())) == 5001
