import pytest

from comfy_gen.models.sources.civitai_answers import best_file, entries, found_in, mapping, model_of, number, text
from tests.models.sources.servers import file, version


def test_values_of_other_kinds_are_nothing():
    assert (mapping([]), entries({}), text(3), number("3"), number(-1), number(1e300)) == ({}, [], "", 0, 0, 0)


def test_file_that_runs_no_code_goes_before_the_one_that_is_first():
    files = [file("a.ckpt", metadata={"format": "PickleTensor"}, primary=True), file("b.safetensors")]
    assert best_file(version(1, *files))["name"] == "b.safetensors"


def test_first_of_equals_is_the_one_that_civitai_puts_first():
    assert best_file(version(1, file("a.safetensors"), file("b.safetensors", primary=True)))["name"] == "b.safetensors"


def test_version_with_other_files_only_gives_one_of_them():
    assert best_file(version(1, file("a.safetensors", type="VAE")))["name"] == "a.safetensors"


@pytest.mark.parametrize(
    ("permissions", "licence"),
    [
        ({}, ""),
        ({"allowCommercialUse": "None", "allowNoCredit": True}, "Civitai: no credit needed; not for sale"),
        ({"allowCommercialUse": "Sell"}, "Civitai: credit the maker; may sell the model"),
    ],
)
def test_permissions_become_a_sentence(permissions, licence):
    assert model_of(version(1), file("a.safetensors"), permissions).licence == licence


def test_family_that_nobody_knows_keeps_civitais_word():
    assert model_of(version(1, baseModel="PixArt a"), file("a.safetensors"), {}).base == "PixArt a"


@pytest.mark.parametrize(
    "item", [{}, {"type": "LORA"}, {"type": "LORA", "modelVersions": [version(1)]}, {"type": "Poses"}]
)
def test_item_without_a_file_is_nothing(item):
    assert found_in(item) is None


def test_early_access_counts_as_gated():
    told = version(1, file("a.safetensors"), availability="EarlyAccess")
    found = found_in({"type": "LORA", "modelVersions": [told]})
    assert found is not None
    assert found.is_gated
