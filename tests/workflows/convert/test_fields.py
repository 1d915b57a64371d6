import pytest

from comfy_gen.errors import NotUiWorkflowError
from comfy_gen.workflows.convert.fields import Fields, identifier

FIELDS = Fields("a.json", "node 3", {"text": "x", "number": 3, "yes": True, "list": [{"a": 1}], "object": {"b": 2}})


def test_fields_of_the_right_kind_are_what_they_are():
    assert FIELDS.text("text") == "x"
    assert FIELDS.number("number") == 3
    assert FIELDS.items("list") == [{"a": 1}]
    assert FIELDS.child("object").data == {"b": 2}
    assert FIELDS.children("list")[0].data == {"a": 1}
    assert FIELDS.get("number") == 3
    assert "text" in FIELDS


def test_fields_that_are_missing_read_as_empty():
    assert FIELDS.text("none") == FIELDS.text("number") == ""
    assert FIELDS.number("none") == FIELDS.number("text") == 0
    assert FIELDS.items("none") == FIELDS.children("none") == []
    assert FIELDS.child("list").data == {}
    assert "none" not in FIELDS


def test_label_is_a_text_or_a_number():
    assert (FIELDS.label("text"), FIELDS.label("number"), FIELDS.label("yes"), FIELDS.label("list")) == (
        "x",
        "3",
        "",
        "",
    )


def test_list_of_another_kind_is_refused_with_its_place():
    with pytest.raises(NotUiWorkflowError, match="node 3: `text` is no list"):
        FIELDS.items("text")


def test_identifier_has_to_be_there():
    assert identifier(FIELDS, "number") == "3"
    with pytest.raises(NotUiWorkflowError, match="node 3: it has no `id`"):
        identifier(FIELDS, "id")


def test_only_objects_have_fields():
    with pytest.raises(NotUiWorkflowError, match="the file is no JSON object"):
        Fields.of([], "a.json", "the file")
