import pytest
from yaml import nodes

from comfy_gen.composition.document import MAX_BYTES, UnreadableError, kind_of, line_of, read_document


def test_mapping_is_returned_with_its_lines():
    root = read_document("# a comment\nid: fox\nnight: yes\n")
    assert isinstance(root, nodes.MappingNode)
    assert [(key.value, line_of(value), kind_of(value)) for key, value in root.value] == [
        ("id", 2, "str"),
        ("night", 3, "bool"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "it is empty"),
        ("# nothing\n", 1, "it is empty"),
        ("\n- fox\n", 2, "it must be a mapping, such as id: portrait"),
        ("id: fox\nkeywords: [a\n", 3, "it is not YAML"),
        ("id: 'fox\n", 2, "it is not YAML"),
        ("id: fox\nname: \x07\n", 2, "it has a character that no text has"),
        ('id: "\\U7FFFFFFF"\n', 1, "it is not YAML"),
        ("a: &x 1\nb: 2\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: &x [1]\nb: [*x, *x]\n", 1, "anchors and aliases"),
        ("a: 1\nb: !!python/object:os.system ls\n", 2, "tags (!)"),
        ("a: 1\n---\nb: 2\n", 2, "it is not YAML"),
        ("a: " + "[" * 9 + "]" * 9, 1, "nested too deep"),
        ("[" * 60_000, 1, "nested too deep"),
        ("{a: " * 15_000, 1, "nested too deep"),
        ("- " * 30_000, 1, "nested too deep"),
        ("a: [" + "1," * 5_000 + "]", 1, "too many values"),
        ("a: " + "x" * MAX_BYTES, 1, "it is larger than 64 KiB"),
        ("a: \ud800", 1, ""),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text, line, said):
    with pytest.raises(UnreadableError) as caught:
        read_document(text)
    assert said in caught.value.problem.said
    assert caught.value.problem.line == line


def test_size_is_that_of_the_file_not_of_its_characters():
    with pytest.raises(UnreadableError, match="larger"):
        read_document("a: " + "\N{SNOWMAN}" * (MAX_BYTES // 2))
