import pytest

from comfy_gen.composition.categories.category import Kind, WorkflowWishes
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.compose import Wishes
from comfy_gen.errors import InvalidParameterError, ModelNotFoundError, WorkflowNotFoundError
from comfy_gen.workflows.catalogue import load_template
from tests.composition.making import composed, made, models_of, reasons, stock


def wanting(*preferred, required=(), excluded=(), **said):
    workflows = WorkflowWishes(preferred, required, excluded)
    return made(said.pop("category_id", "fox"), said.pop("kind", Kind.SUBJECT), workflows=workflows, **said)


def chosen(*categories, of=None, **wishes):
    tags = " ".join(f"@{one.id}" for one in categories)
    return composed(tags, *categories, of=of, wishes=Wishes(**wishes))


def test_first_of_the_stock_is_taken_where_nobody_cares():
    composition = chosen(wanting())
    assert composition.recipe.workflow == "sdxl"
    assert composition.explanation.steps[3].detail == "Took the workflow sdxl: it is the first that suits"


def test_every_other_workflow_is_told():
    rejected = {one.what for one in chosen(wanting()).explanation.rejected if one.kind == "workflow"}
    assert rejected == {"sd15", "flux-dev", "flux-schnell", "sd3.5", "qwen-image"}


def test_what_is_preferred_counts_by_priority_and_place():
    fox = wanting("sd15", "qwen-image", priority=60)
    ink = wanting("qwen-image", category_id="ink", kind=Kind.STYLE, priority=50)
    composition = chosen(fox, ink)
    assert composition.recipe.workflow == "qwen-image"
    assert reasons(composition, "sd15") == ["qwen-image goes before it: fox and ink prefer it"]


def test_workflow_that_anybody_excludes_is_not_taken():
    fox = wanting("flux-dev", priority=90)
    composition = chosen(fox, wanting(category_id="ink", kind=Kind.STYLE, excluded=("flux-dev",)))
    assert composition.recipe.workflow == "sdxl"
    assert reasons(composition, "flux-dev") == ["ink excludes flux-dev"]


def test_workflow_must_be_able_to_do_what_is_required():
    composition = chosen(wanting("flux-dev", required=("negative-prompt", "loras")))
    assert composition.recipe.workflow == "sdxl"
    assert reasons(composition, "flux-dev") == ["fox requires negative-prompt, which flux-dev has not"]


def test_demand_of_the_lowest_priority_that_leaves_no_workflow_is_given_up():
    fox = wanting(priority=90, excluded=("sdxl",))
    ink = wanting(category_id="ink", kind=Kind.STYLE, priority=10, excluded=("sd15",))
    composition = chosen(fox, ink, of=stock("sdxl", "sd15"))
    assert composition.recipe.workflow == "sd15"
    (conflict,) = composition.conflicts
    assert (conflict.kept, conflict.dropped, conflict.about) == ("sd15", "ink", "workflow")
    assert conflict.reason == "ink excludes sd15, but no other is left that can be run"


def test_films_are_made_only_where_they_are_required():
    assert chosen(wanting("wan2.2-t2v")).recipe.workflow == "sdxl"
    film = chosen(wanting(required=("video",)))
    assert (film.recipe.workflow, film.recipe.checkpoint) == ("wan2.2-t2v", None)


def test_workflow_whose_models_the_engines_have_goes_before_those_they_lack():
    engines = stock(models=models_of("flux-schnell"))
    composition = chosen(wanting("sdxl"), of=engines)
    assert (composition.recipe.workflow, composition.recipe.checkpoint) == ("flux-schnell", "flux1-schnell.safetensors")
    assert reasons(composition, "sdxl") == ["the engines have no sd_xl_base_1.0.safetensors"]
    assert reasons(composition, "flux-dev") == ["the engines have no flux1-dev.safetensors"]


def test_workflow_needs_its_other_models_too():
    models = models_of("flux-dev") | {"text_encoders": {"clip_l.safetensors"}, "checkpoints": ["v1-5.ckpt"]}
    composition = chosen(wanting("flux-dev"), of=stock(models=models))
    assert composition.recipe.workflow == "sd15"
    assert reasons(composition, "flux-dev") == ["the engines have no t5xxl_fp8_e4m3fn.safetensors"]


def test_any_checkpoint_of_the_family_will_do():
    engines = stock(models={"checkpoints": ["sd-inpainting.ckpt", "dreamshaper_8.safetensors"]})
    composition = chosen(wanting(), of=engines)
    assert (composition.recipe.workflow, composition.recipe.checkpoint) == ("sd15", "dreamshaper_8.safetensors")
    details = [step.detail for step in composition.explanation.steps]
    assert "Took the workflow sd15: it is the first that the engines can run" in details


def test_workflow_that_is_not_wanted_is_better_than_none():
    composition = chosen(wanting(excluded=("sd15",)), of=stock(models=models_of("sd15")))
    assert composition.recipe.workflow == "sd15"
    assert composition.conflicts[0].dropped == "fox"


def test_engines_without_any_model_are_told_what_is_missing():
    with pytest.raises(ModelNotFoundError, match=r"no 'sd_xl_base_1\.0\.safetensors' in its checkpoints"):
        chosen(wanting(), of=stock(models={"checkpoints": ["svd.safetensors"]}))


@pytest.mark.parametrize("name", ["flux-dev", "flux-dev.json", "workflows/flux-dev.json", "FLUX"])
def test_workflow_that_was_wished_for_is_taken_whatever_categories_say(name):
    composition = chosen(wanting("sdxl", excluded=("flux-dev",)), workflow=name)
    assert composition.recipe.workflow == "flux-dev"
    (conflict,) = composition.conflicts
    assert (conflict.kept, conflict.reason) == ("you", "fox excludes flux-dev, but it was asked for")


def test_workflow_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(WorkflowNotFoundError) as caught:
        chosen(wanting(), workflow="sdlx")
    assert caught.value.nearest[0] == "sdxl"


def test_workflow_that_needs_a_picture_is_refused():
    with pytest.raises(InvalidParameterError, match="pictures of a text alone"):
        chosen(wanting(), of=Stock((load_template("sd15-img2img"),)), workflow="sd15-img2img")
