import pytest

from comfy_gen.errors import ModelManifestError, ModelReferenceError
from comfy_gen.models.manifest import DEFAULT, load_manifest
from comfy_gen.models.model import Model
from comfy_gen.models.reference import parse_reference
from comfy_gen.workflows.catalogue import load_template, template_names

OWN = """
models:
  pencil: {file: pencil.safetensors, folder: loras, source: "civitai:7"}
  sdxl-base: {file: other.safetensors, folder: checkpoints}
sets:
  drawing: [pencil, sdxl-vae]
  default: [pencil]
preload:
  "*": [default]
  gpu0: [unknown.safetensors, pencil]
"""


@pytest.fixture
def shipped():
    return load_manifest()


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "models.yaml"
    path.write_text(OWN, encoding="utf-8")
    return load_manifest(path)


def names(models):
    return [model.name for model in models]


@pytest.mark.parametrize("template", template_names())
def test_every_model_of_every_template_can_be_fetched(shipped, template):
    needs = load_template(template).models
    models = shipped.find(f"template:{template}")
    assert [(model.folder, model.file) for model in models] == [(need.folder, need.file) for need in needs]
    assert all(parse_reference(model.source) for model in models)
    assert all(model.licence and model.page and model.title and model.size and model.sha256 for model in models)


def test_default_set_is_the_documented_one(shipped):
    files = [model.file for model in shipped.find(DEFAULT)]
    assert files == ["sd_xl_base_1.0.safetensors", "sdxl_vae.safetensors"]
    assert shipped.find("sdxl") == shipped.find(DEFAULT)


@pytest.mark.parametrize(
    "text",
    [
        "sdxl-base",
        " SDXL-Base ",
        "sd_xl_base_1.0.safetensors",
        "checkpoints/sd_xl_base_1.0.safetensors",
        "hf:stabilityai/stable-diffusion-xl-base-1.0/sd_xl_base_1.0.safetensors",
        "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/sd_xl_base_1.0.safetensors",
    ],
)
def test_model_is_found_by_name_file_and_address(shipped, text):
    assert names(shipped.find(text)) == ["sdxl-base"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("hf:a/b/c/d.safetensors", "d.safetensors"), ("civitai:7/x", "civitai:7/x"), ("hf:a/b", "hf:a/b")],
)
def test_reference_that_it_does_not_know_is_a_model_too(shipped, text, name):
    assert shipped.find(text) == [Model(name=name, file="", folder="", source=text)]


def test_name_that_means_nothing_tells_the_nearest(shipped):
    with pytest.raises(ModelReferenceError) as caught:
        shipped.find("sdxl-bass")
    assert "sdxl-base" in caught.value.nearest


def test_address_that_leads_nowhere_is_refused(shipped):
    with pytest.raises(ModelReferenceError, match="only http and https"):
        shipped.find("file:///etc/passwd")


def test_own_goes_before_what_ships(own):
    assert own.find("sdxl-base")[0].file == "other.safetensors"
    assert names(own.find("default")) == ["pencil"]
    assert names(own.find("drawing")) == ["pencil", "sdxl-vae"]
    assert names(own.find("sdxl-vae")) == ["sdxl-vae"]


def test_engine_loads_its_own_then_every_engines_each_once(own):
    assert [model.file for model in own.preload_for("gpu0")] == ["unknown.safetensors", "pencil.safetensors"]
    assert names(own.preload_for("gpu1")) == ["pencil"]


def test_nothing_that_ships_is_loaded_unasked(shipped):
    assert shipped.preload_for("gpu0") == []


def test_model_is_found_by_its_folder_and_file_with_any_slash(tmp_path):
    path = tmp_path / "models.yaml"
    path.write_text("models: {a: {file: b/c.ckpt, folder: loras}}", encoding="utf-8")
    manifest = load_manifest(path)
    assert manifest.model_of("loras", "b\\c.ckpt") == manifest.models["a"]
    assert manifest.model_of("vae", "b/c.ckpt") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff", "not UTF-8"),
        (b"models: ]", ":1: it is not YAML"),
        (b"sets:\n  mine: [sdxl-bass]", ":2: there is no model 'sdxl-bass'; the nearest is sdxl-base"),
        (b"models:\n  sdxl: {file: a, folder: vae}", ":2: sdxl is the name of a model and of a set"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, text, said):
    path = tmp_path / "models.yaml"
    path.write_bytes(text)
    with pytest.raises(ModelManifestError) as caught:
        load_manifest(path)
    assert said in caught.value.message
    assert str(path) in caught.value.message


def test_problem_of_a_model_is_not_told_again_of_its_sets(tmp_path):
    path = tmp_path / "models.yaml"
    path.write_text("models: {a: {}}\nsets: {b: [a]}", encoding="utf-8")
    with pytest.raises(ModelManifestError) as caught:
        load_manifest(path)
    assert len(caught.value.problems) == 2


def test_manifest_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ModelManifestError, match="cannot be read"):
        load_manifest(tmp_path / "none.yaml")


def test_nearest_names_are_looked_for_a_few_times_only(tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text("sets:\n  many:\n" + "".join(f"    - wrong{number}\n" for number in range(50)))
    with pytest.raises(ModelManifestError) as raised:
        load_manifest(path)
    assert len(raised.value.problems) == 50
    assert sum("the nearest is" in said for said in raised.value.problems) == 5
