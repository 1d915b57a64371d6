"""The map of the specification is whole: everything on it is there, and it has everything that the documents name.

The second part needs the documents themselves, which are no part of the project: without them it is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from scripts.mission.index import DOCUMENTS, Document, Item, path_of, read_index, text_of
from scripts.mission.page import PAGE, render
from scripts.mission.resolving import MissingError, check_tests, place_of
from tests.mission.ways import WAYS

INDEX = read_index()
OWN = ("document is wrong", "our choice", "general content", "the project's own name")
"""How a note begins that tells why a text is not the documented one."""

has_documents = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the documents are not here")
by_document = pytest.mark.parametrize("document", INDEX, ids=[one.name for one in INDEX])


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The documents, without what somebody's editor made of their characters."""
    return {one.name: (DOCUMENTS / one.file).read_text(encoding="utf-8") for one in INDEX}


def blocks(text: str) -> list[str]:
    """Return the blocks of code that name their language, each without the blanks that all of its lines begin with."""
    found = re.findall(r"^( *)```(?=\w)\w+\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def prose(text: str) -> str:
    """Return a document without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    return [plain(title) for title in re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)]


def plain(title: str) -> str:
    """Return a heading without marks and pictures."""
    return re.sub(r"^[^\x00-\x7f]\S* ", "", title.replace("`", "").strip())


def known_names(document: Document) -> set[str]:
    """Return every name of a document's items: whole, and each word of it."""
    names = {name for heading in document.headings for item in heading.items for name in item.names}
    titles = {heading.title for heading in document.headings}
    return names | {word for name in names | titles for word in re.findall(r"\w+", name)}


# --- the map, and what is here


def test_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render(INDEX), "run: make mission"


@by_document
def test_everything_on_the_map_is_there(document: Document):
    wrong = []
    for item in (item for heading in document.headings for item in heading.items):
        try:
            assert place_of(item)
            check_tests(item)
        except MissingError as error:
            wrong.append(str(error))
    assert wrong == []


@by_document
def test_every_example_has_a_text_a_way_and_a_name_of_its_own(document: Document):
    examples = [example for heading in document.headings for example in heading.examples]
    assert {example.way for example in examples} <= WAYS.keys()
    assert [example.name for example in examples if not text_of(document.name, example).strip()] == []
    assert [name for name, times in Counter(example.name for example in examples).items() if times > 1] == []


def test_every_file_of_examples_is_on_the_map():
    named = {path_of(one.name, example) for one in INDEX for heading in one.headings for example in heading.examples}
    folders = {path.parent for path in named if "mission" in path.parts}
    assert {path for folder in folders for path in Path(folder).iterdir()} <= named


@by_document
def test_every_heading_says_something(document: Document):
    assert [one.title for one in document.headings if not (one.note or one.items or one.examples)] == []


@pytest.mark.parametrize(
    "item",
    [
        Item("function", ("load_workflow(path)",), "comfy_gen.generate.load_workflow", (), ""),
        Item("function", ("load()",), "comfy_gen.generate.load_it", (), ""),
        Item("function", ("modify_denoise(workflow)",), "comfy_gen.generate.modify_denoise", (), ""),
        Item("method", ("get_history(prompt_id=1)",), "comfy_gen.client.ComfyUIClient.get_history", (), ""),
        Item("endpoint", ("POST /composed",), "", (), ""),
        Item("engine", ("DELETE /prompt",), "", (), ""),
        Item("parameter", ("kind",), "GET /categories", (), ""),
        Item("status", ("418",), "POST /compose", (), ""),
        Item("field", ("tag",), "comfy_gen.api.wire.library.FavoriteBody", (), ""),
        Item("event", ("job_done",), "comfy_gen.batch.callbacks.EVENTS", (), ""),
        Item("command", ("comfygen send --now",), "", (), ""),
        Item("command", ("manage.sh --action dance",), "", (), ""),
        Item("variable", ("API_HOSTS",), "", (), ""),
        Item("setting", ("comfyui.hosts",), "", (), ""),
        Item("tool", ("generate_image(output)",), "", (), ""),
        Item("file", ("scripts/stop.py",), "", (), ""),
    ],
    ids=lambda item: f"{item.kind} {item.names[0]}",
)
def test_what_is_not_there_is_missed(item: Item):
    with pytest.raises(MissingError):
        place_of(item)


@pytest.mark.parametrize("test", ["test_generate.py::test_nothing", "test_nothing.py"])
def test_a_test_that_is_not_there_is_missed(test: str):
    with pytest.raises(MissingError):
        check_tests(Item("file", ("LICENSE",), "", (test,), ""))


# --- the map, and the documents


@has_documents
@by_document
def test_every_heading_is_on_the_map(document: Document, texts: dict[str, str]):
    assert [one.title for one in document.headings] == headings(texts[document.name])


@has_documents
@by_document
def test_every_block_of_code_is_an_example(document: Document, texts: dict[str, str]):
    examples = [(heading, example) for heading in document.headings for example in heading.examples]
    documented = blocks(texts[document.name])
    assert len(examples) == len(documented)
    differing = []
    for (heading, example), block in zip(examples, documented, strict=True):
        text = text_of(document.name, example).rpartition("# --- as documented\n")[2]
        for ours, theirs in example.mended.items():
            assert ours in text, example.name
            text = text.replace(ours, theirs)
        if not (is_same(text, block) or is_explained(f"{example.note} {heading.note}", example.source)):
            differing.append(example.name)
    assert differing == []


def is_same(text: str, block: str) -> bool:
    """Compare two texts but for characters that were garbled on the way."""
    return re.sub(r"[^\x00-\x7f]+", "", text) == re.sub(r"[^\x00-\x7f]+", "", block)


def is_explained(note: str, source: str) -> bool:
    """Tell whether the map says why a text differs, or a page or program does whose own test compares it."""
    return any(word in note for word in OWN) or source.startswith(("docs/", "examples/integration/"))


@has_documents
@by_document
def test_every_name_in_the_text_is_on_the_map(document: Document, texts: dict[str, str]):
    known = known_names(document) | WORDS
    quoted = set(re.findall(r"`([^`\n]+)`", prose(texts[document.name])))
    assert {name for name in quoted if name not in known and not is_known(name, known)} == set()


WORDS = {
    *("True", "False", "None", "false", "json"),
    *("is_valid", "missing_models", "suggestions", "adjusted_positive", "adjusted_negative"),  # parts of tuples
    *("cuda", "cpu", "main", "app", "uvicorn", "reload", "pip", "install", "r", "requirements", "txt"),
    *("comfyui_cli", "py"),  # here it is comfygen
}
"""What is quoted and is no name of anything here."""


def is_known(name: str, known: set[str]) -> bool:
    """Tell whether each word of a quoted text is known, or it is an address."""
    words = re.findall(r"[A-Za-z_]\w*", name)
    return "://" in name or {word for word in words if word not in known} == set()


@has_documents
@by_document
def test_every_function_endpoint_command_and_variable_is_on_the_map(document: Document, texts: dict[str, str]):
    text = texts[document.name]
    known = known_names(document)
    calls = set(re.findall(r"^- `(\w+)\(", text, re.MULTILINE)) | set(re.findall(r"^#+ `(\w+)\(", text, re.MULTILINE))
    actions = set(re.findall(r"--action ([\w-]+)", text))
    variables = set(re.findall(r"^([A-Z]\w+)=\S", text, re.MULTILINE)) & set(re.findall(r"[A-Z0-9_]{6,}", text))
    variables |= set(re.findall(r"<tr><td>([A-Z_]+)</td>", text))
    assert {name for name in calls | variables - {"HOST_IP", "PROMPT_ID", "STATUS"} if name not in known} == set()
    assert {name for name in actions if f"manage.sh --action {name}" not in known} == set()
    endpoints = set(re.findall(r"^#+ `((?:GET|POST|PUT|DELETE) /\S*)`", text, re.MULTILINE))
    endpoints |= {
        f"{method} {path}" for path, method in re.findall(r"^\| `(/\S+)` \| (GET|POST) \|", text, re.MULTILINE)
    }
    endpoints |= {line.partition("?")[0] for line in re.findall(r"^((?:GET|POST) /\S+)$", text, re.MULTILINE)}
    assert {one for one in endpoints if one not in known} == set()
