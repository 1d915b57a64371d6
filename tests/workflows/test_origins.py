from __future__ import annotations

from comfy_gen.workflows.origins import origins_of


def ui_node(kind, **properties):
    return {"id": 1, "type": kind, "properties": properties}


def test_registry_name_goes_before_repository_and_own_nodes_have_no_origin():
    nodes = [
        ui_node("Detailer", cnr_id="impact-pack", aux_id="somebody/impact"),
        ui_node("Rough", aux_id="somebody/rough"),
        ui_node("SaveImage", cnr_id="comfy-core"),
        ui_node("Unknown"),
    ]
    assert origins_of({"nodes": nodes}) == {
        "Detailer": "https://registry.comfy.org/nodes/impact-pack",
        "Rough": "https://github.com/somebody/rough",
    }


def test_nodes_within_subgraphs_are_seen():
    subgraphs = [{"nodes": [ui_node("Inner", cnr_id="pack")]}]
    assert origins_of({"nodes": [], "definitions": {"subgraphs": subgraphs}}) == {
        "Inner": "https://registry.comfy.org/nodes/pack"
    }


def test_whatever_a_stranger_writes_is_borne():
    broken = [None, 3, {"type": "A", "properties": []}, {"type": "B", "properties": {"cnr_id": 7, "aux_id": ""}}]
    for document in ({}, {"nodes": "no"}, {"nodes": broken, "definitions": []}, {"definitions": {"subgraphs": 1}}):
        assert origins_of(document) == {}
