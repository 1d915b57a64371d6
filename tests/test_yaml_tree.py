import pytest
from yaml import nodes

from comfy_gen.yaml_tree import UnreadableError, kind_of, line_of, read_tree


def test_mapping_is_returned_with_its_lines():
    root = read_tree("# a comment\nid: fox\nnight: yes\n", max_events=20, kind="a test")
    assert isinstance(root, nodes.MappingNode)
    assert [(key.value, line_of(value), kind_of(value)) for key, value in root.value] == [
        ("id", 2, "str"),
        ("night", 3, "bool"),
    ]


def test_nothing_is_none():
    assert read_tree("# nothing\n", max_events=20, kind="a test") is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
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
        ("a: [" + "1," * 500 + "]", 1, "it has too many values for a test"),
        ("a: \ud800", 1, ""),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text, line, said):
    with pytest.raises(UnreadableError) as caught:
        read_tree(text, max_events=100, kind="a test")
    assert said in caught.value.said
    assert caught.value.line == line
