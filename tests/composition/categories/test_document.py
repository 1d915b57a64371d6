import pytest

from comfy_gen.composition.categories.document import MAX_BYTES, read_document
from comfy_gen.yaml_tree import UnreadableError


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "it is empty"),
        ("# nothing\n", 1, "it is empty"),
        ("\n- fox\n", 2, "it must be a mapping, such as id: portrait"),
        ("a: [" + "1," * 5_000 + "]", 1, "it has too many values for a category"),
        ("a: " + "x" * MAX_BYTES, 1, "it is larger than 64 KiB"),
    ],
)
def test_what_is_no_mapping_says_why_and_where(text, line, said):
    with pytest.raises(UnreadableError) as caught:
        read_document(text)
    assert (caught.value.line, caught.value.said) == (line, said)


def test_size_is_that_of_the_file_not_of_its_characters():
    with pytest.raises(UnreadableError, match="larger"):
        read_document("a: " + "\N{SNOWMAN}" * (MAX_BYTES // 2))
