import pytest

from comfy_gen.config.document import Document, Entry, Nested, Problem
from comfy_gen.config.parser import MAX_BYTES, read_document


def test_documented_file_is_read_with_lines(documented):
    document = read_document(documented.encode())
    assert document.problems == document.stray == []
    assert document.entries[:2] == [Entry("comfyui", "host", "127.0.0.1", 3), Entry("comfyui", "port", 8188, 4)]
    assert document.entries[-1] == Entry("logging", "console", True, 35)
    assert [name for name, _ in document.sections] == [
        "comfyui",
        "websocket",
        "workflow",
        "output",
        "batch",
        "logging",
    ]


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "~", "{}"])
def test_file_without_values_sets_nothing(content):
    assert read_document(content.encode()) == Document()


def test_section_may_be_empty():
    assert read_document(b"batch:\n  # max_concurrent: 3\n") == Document(sections=[("batch", 1)])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", True),
        ("0123", 83),
        ("'0123'", "0123"),
        ("2", 2),
        ("2.5", 2.5),
        ("", None),
        ("null", None),
        ("2024-01-01", "2024-01-01"),
        ("2024-99-99", "2024-99-99"),
        ("=", "="),
        ("[1, two, null]", [1, "two", None]),
        ("[]", []),
        ("[[1]]", Nested("a list of lists or mappings")),
        ("[{a: 1}]", Nested("a list of lists or mappings")),
        ("{a: 1}", Nested("a mapping")),
    ],
)
def test_value_is_what_yaml_makes_of_it(written, value):
    (entry,) = read_document(f"a:\n  b: {written}\n".encode()).entries
    assert entry == Entry("a", "b", value, 2)


def test_byte_order_mark_is_no_part_of_a_name():
    assert read_document("\ufeffa: {b: 1}".encode()).entries == [Entry("a", "b", 1, 1)]


def test_value_at_the_top_is_stray():
    assert read_document(b"a: 1\nb: [2]\nc: " + b"1" * 5_000).stray == [("a", 1), ("b", 2), ("c", 3)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[1, 2]", Problem(1, "it must be a mapping of sections")),
        (b"\n\nhello", Problem(3, "it must be a mapping of sections")),
        (b"a: 1\nb: \xff\n", Problem(2, "it is not UTF-8 text")),
        (b"a:\n  b: \x07\n", Problem(2, "it is not YAML: it has a character that no text has")),
        (b"a:\n  - b\n c: d\n", Problem(3, "it is not YAML: ")),
        (b"a: [1\n", Problem(2, "it is not YAML: ")),
        (b"a: {b: 1}\n---\nc: 1\n", Problem(2, "it is not YAML: ")),
        (b"a: &x\n  b: 1\n", Problem(1, "anchors and aliases (& and *) are not used here")),
        (b"a:\n  b: *x\n", Problem(2, "anchors and aliases (& and *) are not used here")),
        (b"a:\n  b: !!python/object:os.system {}\n", Problem(2, "tags (!) are not used here")),
        (b"a: " + b"[" * 100, Problem(1, "it is nested too deep")),
        (b"a:\n" + b"  - 1\n" * 5_000, Problem(998, "it has too many values for a configuration")),
        (b"#" * (MAX_BYTES + 1), Problem(1, "it is larger than 1,000,000 bytes")),
        (b"a:\n  b: 1\n  b: 2\n", Problem(3, "a.b is there twice, first in line 2")),
        (b"a:\n  b: " + b"1" * 900_000, Problem(2, "a.b is not a number")),
        (b"a:\n  b: 0x" + b"f" * 900_000, Problem(2, "a.b is not a number")),
        (b"a:\n  b: 1" + b":1" * 400_000, Problem(2, "a.b is not a number")),
        (b"a:\n  b: 0b_", Problem(2, "a.b is not a number")),
        (b"1" * 5_000, Problem(1, "it must be a mapping of sections")),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(content, problem):
    (found,) = read_document(content).problems
    assert found.line == problem.line
    assert found.said.startswith(problem.said)  # what follows is in the words of whichever parser PyYAML was built with


def test_secret_is_not_in_what_is_told_of_bad_yaml():
    (problem,) = read_document(b"storage:\n  secret_key: hunter2: x\n").problems
    assert problem.line == 2
    assert problem.said.startswith("it is not YAML: mapping values are not allowed")
    assert "hunter2" not in problem.said


def test_name_may_be_anything():
    document = read_document(b"[a, b]: {c: 1}\n? {d: 1}\n: 2\n")
    assert document.sections == [("a key that is no name", 1)]
    assert document.problems == [Problem(2, "a key that is no name is there twice, first in line 1")]


def test_one_huge_value_is_read_in_time():
    (entry,) = read_document(b"a:\n  b: " + b"x" * 900_000).entries
    assert len(entry.value) == 900_000
