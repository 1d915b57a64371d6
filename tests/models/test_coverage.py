import pytest

from comfy_gen.models.coverage import (
    MAX_DEPTH,
    MAX_HINTS,
    coverage,
    model_hints,
    needs_of_template,
)
from comfy_gen.models.manifest import load_manifest
from comfy_gen.models.model import Model
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.models import models_of

PENCIL = Model(file="pencil.safetensors", folder="loras", source="https://example.org/pencil.safetensors")


def entry(**fields):
    return {"name": "pencil.safetensors", "url": PENCIL.source, "directory": "loras"} | fields


def node(*entries):
    return {"nodes": [{"id": 1, "properties": {"models": list(entries)}}]}


@pytest.mark.parametrize("name", template_names())
def test_templates_card_names_what_its_workflow_loads(name):
    template = load_template(name)
    assert set(needs_of_template(template)) == {(use.folder, use.name) for use in models_of(template.workflow)}


def test_what_is_missing_is_told_with_what_stands_in_and_where_it_comes_from():
    told = coverage(
        [("checkpoints", "sd_xl_base_1.0.safetensors")], {"checkpoints": ["juggernautXL.ckpt"]}, load_manifest()
    )
    (state,) = told.missing
    assert not told.is_complete
    assert state.fallbacks[0].file == "juggernautXL.ckpt"
    assert state.model is not None
    assert state.model.name == "sdxl-base"


def test_file_is_there_with_either_slash():
    assert coverage([("loras", "a/b.ckpt")], {"loras": ["a\\b.ckpt"]}).is_complete


def test_folder_that_nothing_is_known_of_has_nothing():
    assert not coverage([("loras", "a.ckpt")], {}).is_complete


def test_workflows_own_word_counts_where_the_manifest_has_none():
    (state,) = coverage([("loras", "pencil.safetensors")], {}, load_manifest(), [PENCIL]).needs
    assert state.model == PENCIL


def test_program_is_told_all_of_it():
    told = coverage([("loras", "pencil.safetensors"), ("vae", "x")], {"vae": ["x"]}, hints=[PENCIL]).as_json()
    assert told["is_complete"] is False
    assert told["needs"][0]["model"]["source"] == PENCIL.source
    assert told["needs"][1] == {"folder": "vae", "file": "x", "is_there": True, "fallbacks": [], "model": None}


@pytest.mark.parametrize(
    "document",
    [
        node(entry(), entry()),
        {"models": [entry()]},
        {"definitions": {"subgraphs": [node(entry())]}},
        node(entry(hash="ab" * 32, hash_type="BLAKE3")),
        node(entry(hash="short")),
    ],
)
def test_hints_are_read_wherever_the_editor_keeps_them(document):
    assert model_hints(document) == [PENCIL]


def test_hash_of_a_hint_is_kept():
    (hint,) = model_hints(node(entry(hash="AB" * 32, hash_type="SHA256")))
    assert hint.sha256 == "ab" * 32


def test_address_of_a_page_becomes_a_reference():
    (hint,) = model_hints(node(entry(url="https://huggingface.co/a/b/resolve/main/c.safetensors?download=true")))
    assert hint.source == "hf:a/b/c.safetensors"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "../../.bashrc"},
        {"name": "notes.txt"},
        {"name": 3},
        {"directory": "../loras"},
        {"directory": ""},
        {"url": "file:///etc/passwd"},
        {"url": "not a url"},
    ],
)
def test_hint_that_leads_astray_is_left_out(fields):
    assert model_hints(node(entry(**fields))) == []


def test_hints_name_is_made_plain():
    (hint,) = model_hints(node(entry(name="../../evil.safetensors")))
    assert hint.file == "evil.safetensors"


def test_hints_are_bounded_in_number_and_depth():
    many = [entry(name=f"{number}.safetensors") for number in range(MAX_HINTS + 5)]
    assert len(model_hints(node(*many))) == MAX_HINTS
    deep = {"models": [entry()]}
    for _ in range(MAX_DEPTH + 1):
        deep = {"inner": deep}
    assert model_hints(deep) == []


@pytest.mark.parametrize("document", [{}, {"models": {}}, {"models": [3]}, {"nodes": [None, "x", 3]}])
def test_document_without_hints_has_none(document):
    assert model_hints(document) == []
