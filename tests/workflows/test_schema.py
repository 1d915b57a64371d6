"""What may be given to a template, as JSON Schema."""

from __future__ import annotations

import json
import math

import jsonschema
import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.schema import object_schema, schema_of, value_schema


@pytest.mark.parametrize("name", template_names())
def test_schema_of_shipped_template_is_one_and_takes_its_defaults(name):
    template = load_template(name)
    schema = schema_of(template)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    defaults = {one.name: one.default for one in template.parameters if one.default is not None}
    jsonschema.validate(defaults, schema)
    assert (schema["title"], schema["description"]) == (template.title, template.summary)


@pytest.mark.parametrize(
    ("name", "value"), [("steps", 0), ("steps", "20"), ("width", 63), ("width", 513), ("seed", -1), ("sede", 1)]
)
def test_schema_refuses_what_the_template_refuses(name, value):
    template = load_template("sd15")
    assert not jsonschema.Draft202012Validator(schema_of(template)).is_valid({name: value})
    with pytest.raises(InvalidParameterError):
        template.instantiate(**{name: value})


def test_value_that_must_be_given_is_required_and_has_no_default():
    schema = schema_of(load_template("upscale"))
    assert schema["required"] == ["image"]
    assert "default" not in schema["properties"]["image"]


def test_picture_may_be_a_url():
    assert value_schema(Parameter(name="input_image", type="image")) == {
        "title": "Input image",
        "description": "A URL, or the name of an uploaded file.",
        "type": "string",
        "format": "image",
        "minLength": 1,
    }
    told = value_schema(Parameter(name="face", type="image", description="The face."))
    assert told["description"] == "The face. A URL is fetched."


def test_number_has_its_limits_and_choices_are_listed():
    number = Parameter(name="n", type="integer", minimum=8, maximum=math.inf, multiple_of=8, default=16)
    assert value_schema(number) == {"title": "N", "type": "integer", "minimum": 8, "multipleOf": 8, "default": 16}
    assert value_schema(Parameter(name="s", type="string", choices=("a", "b"), minimum=1)) == {
        "title": "S",
        "type": "string",
        "enum": ["a", "b"],
    }


def test_any_value_has_no_type():
    assert value_schema(Parameter(name="x", default=False)) == {"title": "X", "default": False}


def test_template_without_words_is_called_by_its_name():
    assert object_schema((), title="mine") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mine",
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }
