import base64

import pytest

from comfy_gen.webhooks.secret import read_secrets


def secret(size: int) -> str:
    return f"whsec_{base64.b64encode(bytes(range(size))).decode()}"


@pytest.mark.parametrize("size", [24, 25, 26, 64])
def test_secret_may_lack_the_signs_that_fill_it_up(size):
    assert read_secrets(secret(size)) == read_secrets(secret(size).rstrip("=")) == [bytes(range(size))]


def test_several_are_separated_by_blanks():
    assert read_secrets(f" {secret(24)}  {secret(32)} ") == [bytes(range(24)), bytes(range(32))]


def test_no_secret_is_none():
    assert read_secrets("") == []


@pytest.mark.parametrize(
    "said", ["hunter2", secret(24).removeprefix("whsec_"), secret(23), secret(65), "whsec_", "whsec_ä", "whsec_a.b*"]
)
def test_other_texts_are_refused_and_not_repeated(said):
    with pytest.raises(ValueError, match="24 to 64 random bytes") as refused:
        read_secrets(f"{secret(24)} {said}")
    assert str(refused.value).count("whsec_") == 1
