import pytest

from comfy_gen.errors import ModelReferenceError
from comfy_gen.models.reference import (
    CivitaiVersion,
    HuggingFaceFile,
    WebFile,
    is_reference,
    parse_reference,
    without_login,
)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("hf:maker/styles/a/b.safetensors", HuggingFaceFile("maker/styles", "a/b.safetensors")),
        ("HF:maker/styles", HuggingFaceFile("maker/styles")),
        ("hf://maker/styles/b.ckpt", HuggingFaceFile("maker/styles", "b.ckpt")),
        ("hf:maker/styles@v1/b.ckpt", HuggingFaceFile("maker/styles", "b.ckpt", "v1")),
        ("huggingface:maker/styles@refs%2Fpr%2F1/b.ckpt", HuggingFaceFile("maker/styles", "b.ckpt", "refs/pr/1")),
        ("https://huggingface.co/maker/styles", HuggingFaceFile("maker/styles")),
        ("https://huggingface.co/maker/styles/tree/v1", HuggingFaceFile("maker/styles", "", "v1")),
        ("https://hf.co/maker/styles/blob/main/a/b%20c.ckpt", HuggingFaceFile("maker/styles", "a/b c.ckpt")),
        (
            "https://huggingface.co/maker/styles/resolve/main/b.ckpt?download=true",
            HuggingFaceFile("maker/styles", "b.ckpt"),
        ),
        ("civitai:7", CivitaiVersion(7)),
        ("civitai:7/pencil.safetensors", CivitaiVersion(7, "pencil.safetensors")),
        ("civitai:models/70", CivitaiVersion(0, model=70)),
        ("civitai:70@7", CivitaiVersion(7)),
        ("https://civitai.com/models/70/pencil?modelVersionId=7", CivitaiVersion(7)),
        ("https://civitai.com/models/70/pencil", CivitaiVersion(0, model=70)),
        ("https://www.civitai.com/api/download/models/7?type=Model", CivitaiVersion(7)),
        (" https://example.org/x.safetensors ", WebFile("https://example.org/x.safetensors")),
    ],
)
def test_what_people_write_is_understood(text, reference):
    assert parse_reference(text) == reference
    assert is_reference(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sdxl-base", "neither hf:, nor civitai:"),
        ("hf:maker", "which repository"),
        ("hf:../styles/x", "which repository"),
        ("hf:maker/../x", "which repository"),
        ("hf:maker/styles/../../x.ckpt", "is not a file"),
        ("hf:maker/styles@../x.ckpt", "is not a revision"),
        ("civitai:pencil", "by its number"),
        ("civitai:0", "by its number"),
        ("civitai:models/x", "by its number"),
        ("civitai:99999999999999999", "by its number"),
        ("ftp://example.org/x", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("https://", "not a URL"),
        ("https://[x/", "not a URL"),
        ("https://huggingface.co/maker", "neither of a file"),
        ("https://huggingface.co/maker/styles/blob/main", "neither of a file"),
        ("https://civitai.com/images/1", "not of a model"),
        ("https://civitai.com/models/pencil", "not of a model"),
        ("hf:maker/styles/a\nb", "cannot be seen"),
        ("hf:" + "x" * 4000, "too long"),
    ],
)
def test_what_names_no_model_says_why(text, reason):
    with pytest.raises(ModelReferenceError) as caught:
        parse_reference(text)
    assert reason in caught.value.message


@pytest.mark.parametrize(
    "reference",
    [
        HuggingFaceFile("maker/styles"),
        HuggingFaceFile("maker/styles", "a/b.ckpt", "refs/pr/1"),
        CivitaiVersion(7),
        CivitaiVersion(7, "pencil.safetensors"),
        CivitaiVersion(0, model=70),
        WebFile("https://example.org/x.safetensors"),
    ],
)
def test_reference_is_read_as_it_was_written(reference):
    assert parse_reference(str(reference)) == reference


def test_references_tell_their_files_name():
    assert HuggingFaceFile("maker/styles", "a/b.ckpt").file == "b.ckpt"
    assert WebFile("https://example.org/a/b%20c.ckpt?x=1").file == "b c.ckpt"


@pytest.mark.parametrize("text", ["sdxl-base", "template:sdxl", "a.safetensors"])
def test_name_is_no_reference(text):
    assert not is_reference(text)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("hf:a/b/c.safetensors", "hf:a/b/c.safetensors"),
        ("https://x.test/a?download=true", "https://x.test/a?download=true"),
        ("https://me:secret@x.test:8443/a", "https://x.test:8443/a"),
        ("https://x.test/a?Token=secret&download=true", "https://x.test/a?download=true"),
        ("https://x.test/a?X-Amz-Signature=secret&X-Amz-Credential=secret", "https://x.test/a"),
    ],
)
def test_what_lets_somebody_in_is_left_out_of_what_is_shown(source, shown):
    assert without_login(source) == shown
