import pytest

from comfy_gen.models.manifest_document import MAX_BYTES, Line, read_document
from comfy_gen.models.model import Model

GOOD = """
models:
  pencil:
    file: drawings/pencil.safetensors
    folder: loras
    source: https://huggingface.co/maker/styles/blob/main/pencil.safetensors
    title: A pencil
    sha256: {sha}
    size: 1234
    licence: mit
    base: sdxl
    triggers: [in pencil, sketched]
    page: https://example.org/
sets:
  drawing: [pencil]
preload:
  "*": [pencil]
  gpu0: [other.safetensors]
"""


def test_document_is_read():
    document = read_document(GOOD.format(sha="AB" * 32))
    assert document.problems == []
    assert document.models == {
        "pencil": Model(
            name="pencil",
            file="drawings/pencil.safetensors",
            folder="loras",
            source="hf:maker/styles/pencil.safetensors",
            title="A pencil",
            sha256="ab" * 32,
            size=1234,
            licence="mit",
            base="sdxl",
            triggers=("in pencil", "sketched"),
            page="https://example.org/",
        )
    }
    assert document.sets == {"drawing": [Line("pencil", 15)]}
    assert document.preload == {"*": [Line("pencil", 17)], "gpu0": [Line("other.safetensors", 18)]}


@pytest.mark.parametrize("text", ["", "---\n", "models:\nsets:\n", "models: {}", "sets: {a: }\npreload: {a: }"])
def test_empty_document_says_nothing_and_is_good(text):
    document = read_document(text)
    assert (document.models, document.problems) == ({}, [])


def model(**fields):
    lines = "".join(f"\n    {key}: {value}" for key, value in ({"file": "x", "folder": "vae"} | fields).items())
    return f"models:\n  a:{lines}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: ]", 1, "not YAML"),
        ("- a", 1, "must be a mapping"),
        ("model: {}", 1, "the nearest is models"),
        ("models: [a]", 1, "models must be a mapping"),
        ("models: {a: b}", 1, "models.a must be a mapping"),
        ("sets: {a b: [c]}", 1, "'a b' is no name"),
        ("sets: {a: b}", 1, "must be a list"),
        ("sets: {a: [[b]]}", 1, "must be a text"),
        ("models: {a: {}}", 1, "models.a.file: it is missing"),
        ("sets:\n  a: []\n  a: []", 3, "there twice, first in line 2"),
        ("sets:\n  [a]: []", 2, "is no name"),
        (model(files="y"), 5, "the nearest is file"),
        (model(file="../x"), 3, "is not the name of a file"),
        (model(file="/x"), 3, "is not the name of a file"),
        (model(file=r"a\x"), 3, "is not the name of a file"),
        (model(file="[x]"), 3, "must be a text"),
        (model(file="''"), 3, "is empty"),
        (model(file="x" * 501), 3, "longer than 500"),
        (model(folder="a/b"), 4, "one of ComfyUI's folders"),
        (model(source="sdxl"), 5, "neither hf:"),
        (model(sha256="abc"), 5, "64 digits"),
        (model(size="1.5 GB"), 5, "a number of bytes"),
        (model(triggers="word"), 5, "must be a list"),
        ("#" + "x" * MAX_BYTES, 1, "larger than"),
        ("models: &a {}", 1, "anchors"),
    ],
)
def test_problem_is_told_with_its_line(text, line, said):
    problems = read_document(text).problems
    assert any(problem.line == line and said in problem.said for problem in problems), problems


def test_all_problems_are_told_at_once():
    assert len(read_document("x: 1\ny: 2\nmodels: {a: {size: many}}").problems) == 5
