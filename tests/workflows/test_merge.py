import copy

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.merge import merge_workflows
from tests.workflows.samples import enlarging, node, plain


def test_second_graph_gets_the_prefix_in_ids_and_links():
    merged = merge_workflows(plain(), enlarging(), "up_")
    assert list(merged) == [*plain(), "up_1", "up_2", "up_3", "up_4"]
    assert merged["up_3"]["inputs"] == {"upscale_model": ["up_2", 0], "image": ["up_1", 0]}
    assert {node_id: merged[node_id] for node_id in plain()} == plain()


def test_neither_graph_changes_nor_is_shared():
    first, second = plain(), enlarging()
    before = copy.deepcopy((first, second))
    merged = merge_workflows(first, second)
    for one in merged.values():
        one["inputs"]["new"] = 1
    assert (first, second) == before


def test_merged_graph_can_be_merged_again():
    once = merge_workflows(plain(), enlarging())
    twice = merge_workflows(once, enlarging())
    assert len(twice) == len(plain()) + 2 * len(enlarging())
    assert twice["merged_merged_3"]["inputs"]["image"] == ["merged_merged_1", 0]


def test_link_to_nowhere_does_not_lead_into_the_other_graph():
    merged = merge_workflows(plain(), {"1": node("SaveImage", images=["40", 0])})
    assert merged["merged_1"]["inputs"]["images"] == ["merged_40", 0]


def test_empty_prefix_serves_where_no_ids_clash():
    assert merge_workflows(plain(), enlarging(), "") == {**plain(), **enlarging()}
    with pytest.raises(InvalidParameterError, match=r"node_id_prefix is '', but must be given: .* a node 43"):
        merge_workflows(plain(), plain(), "")
