"""The pages of the reference are those that the code makes, and all that they link to is there."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from comfy_gen.api import problems
from comfy_gen.api.metrics import Metrics
from comfy_gen.app import open_queue
from comfy_gen.comfyui.failures import Failure
from comfy_gen.config import JobOptions, Settings
from comfy_gen.config.keys import KEYS
from comfy_gen.jobs.outbox import Outbox
from scripts.reference import FOLDER, PAGES
from scripts.reference.errors import FAILURES, PLAIN
from scripts.reference.page import UntoldError, slug, told
from scripts.reference.schema import asked_rows_of, words_of
from tests.api.test_families import status
from tests.error_examples import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def pages():
    return {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_what_the_code_says(pages, name):
    is_as_made = pages.get(name) == PAGES[name]()  # not compared by the assertion, which would look for each difference
    assert is_as_made, "run make reference"


def test_there_are_no_other_pages(pages):
    assert pages.keys() - {"index.md"} == PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_headings_that_are_there(pages, name):
    headings = {
        page: {slug(one) for one in re.findall(r"^#+ (.*)$", text, re.MULTILINE)} for page, text in pages.items()
    }
    links = re.findall(r"\]\(([\w-]+\.md)?#([^)]+)\)", pages[name])
    assert [(page, anchor) for page, anchor in links if anchor not in headings[page or name]] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_two_headings_of_a_page_have_the_same_anchor(pages, name):
    anchors = [slug(one) for one in re.findall(r"^#+ (.*)$", pages[name], re.MULTILINE)]
    assert sorted(anchors) == sorted(set(anchors))


@pytest.mark.parametrize("name", PAGES)
def test_rows_of_a_table_have_as_many_cells_as_its_head(pages, name):
    for head, rows in re.findall(r"^(\|.*\|)\n\|[-|]+\|\n((?:\|.*\n)+)", pages[name], re.MULTILINE):
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows.splitlines()} == {head.count("|")}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_the_machine_is_told(pages, name):
    assert not re.search(r"/(?:home|root|work|Users)/", pages[name])


async def test_every_metric_is_told_of(pages, tmp_path: Path):
    async with open_queue(Settings(jobs=JobOptions(data_dir=tmp_path))) as queue:
        fleet = SimpleNamespace(health=lambda: [status()])
        service = SimpleNamespace(queue=queue, fleet=fleet, outbox=Outbox(queue.store.transactions))
        text = (await Metrics().render(service)).decode()
    found = {f"{one.name}{'_total' * (one.type == 'counter')}" for one in text_string_to_metric_families(text)}
    assert set(re.findall(r"^\| `(comfygen_\w+)`", pages["metrics.md"], re.MULTILINE)) == found


def test_every_setting_and_its_variables_are_told_of(pages):
    assert [name for key in KEYS.values() for name in key.variables if f"`{name}`" not in pages["settings.md"]] == []


def test_every_code_is_told_of(pages):
    headings = set(re.findall(r"^### (\w+)$", pages["errors.md"], re.MULTILINE))
    assert {one.code for name, one in EXAMPLES.items() if name != "ExecutionFailedError"} <= headings
    assert FAILURES.keys() == set(Failure)


def test_codes_without_a_class_are_those_of_the_service():
    plain = {code: status for status, (code, _) in problems._CODES.items()}
    assert plain.items() - {("unsupported_media_type", 415)} <= {(code, status) for code, (status, _) in PLAIN.items()}


def test_what_has_no_text_fails_by_its_name():
    with pytest.raises(UntoldError, match="the route /x has no text"):
        told("the route /x", " ")
    with pytest.raises(UntoldError, match="size of Body has no text"):
        list(asked_rows_of("Body", {"properties": {"size": {"type": "integer"}}}))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 100}, "whole number from 1 to 100"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 3600.0}, "number, above 0, 3600 or less"),
        (
            {"type": "integer", "minimum": 16, "maximum": 64, "multipleOf": 8.0},
            "whole number from 16 to 64, a multiple of 8",
        ),
        ({"type": "string", "minLength": 1, "maxLength": 255}, "text of 1 to 255 characters"),
        ({"type": "string", "maxLength": 20}, "text of up to 20 characters"),
        ({"type": "string", "format": "uuid"}, "id (UUID)"),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "`true` or `false` (or null)"),
        (
            {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 2}},
            "list of up to 20 texts of 2 or more characters",
        ),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Output"}}, "list of [Output](objects.md#output)"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of whole numbers"),
        ({"enum": ["a", "b", "c"]}, "`a`, `b` or `c`"),
        ({}, "any value"),
    ],
)
def test_schema_is_said_in_words(schema, words):
    assert words_of(schema) == words
