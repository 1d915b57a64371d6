from dataclasses import replace

import pytest

from comfy_gen.composition.categories.category import Kind, WorkflowWishes
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.compose import Wishes
from comfy_gen.errors import InvalidParameterError, ModelNotFoundError
from comfy_gen.workflows.deriving import derive_template
from tests.composition.making import composed, made, models_of, reasons, stock, template


def painted(*categories, of=None, **wishes):
    tags = " ".join(f"@{one.id}" for one in categories)
    recipe = composed(tags, *categories, of=of, wishes=Wishes(**wishes)).recipe
    return recipe.workflow, recipe.checkpoint


def fox(*models, **said):
    return made("fox", models=models, **said)


def test_model_that_a_category_prefers_is_taken_the_highest_priority_first():
    ink = made("ink", Kind.STYLE, priority=90, models=("animagine-xl-4.0.safetensors",))
    assert painted(fox("juggernautXL.safetensors"), ink) == ("sdxl", "animagine-xl-4.0.safetensors")


def test_model_that_is_not_there_leaves_the_next():
    engines = stock("sdxl", models=models_of("sdxl") | {"checkpoints": ["anime/animagine-xl.safetensors"]})
    wanted = fox("juggernautXL.safetensors", "animagine-xl.safetensors")
    composition = composed("@fox", wanted, of=engines)
    assert composition.recipe.checkpoint == "anime/animagine-xl.safetensors"
    assert reasons(composition, "juggernautXL.safetensors") == ["the engines do not have it"]


@pytest.mark.parametrize("model", ["flux1-dev.safetensors", "v1-5-pruned.safetensors"])
def test_model_of_another_family_does_not_fit(model):
    composition = composed("@fox", fox(model), of=stock("sdxl"))
    assert composition.recipe.checkpoint == "sd_xl_base_1.0.safetensors"
    assert reasons(composition, model) == ["it is not made for sdxl"]


def test_schnell_does_not_run_the_model_of_dev_though_they_are_one_family():
    wanted = fox("flux1-dev.safetensors", workflows=WorkflowWishes(("flux-schnell",)))
    assert painted(wanted) == ("flux-schnell", "flux1-schnell.safetensors")


def test_configuration_says_what_engines_call_a_model():
    """One tiny checkpoint can stand for all of them."""
    engines = stock(models={"checkpoints": ["tiny.safetensors"]}, names=(("*", "tiny.safetensors"),))
    assert painted(fox(), of=engines) == ("sdxl", "tiny.safetensors")
    assert painted(fox("animagine-xl.safetensors"), of=engines) == ("sdxl", "tiny.safetensors")


def test_model_that_was_wished_for_decides_the_family():
    assert painted(fox(), model="dreamshaper_8.safetensors") == ("sd15", "dreamshaper_8.safetensors")
    assert painted(fox(), model="flux1-dev.safetensors") == ("flux-dev", "flux1-dev.safetensors")
    assert painted(fox(), model="ponyXL") == ("sdxl", "ponyXL")


def test_model_that_was_wished_for_is_found_on_the_engines():
    models = {"checkpoints": ["mine/ponyXL.safetensors", "v1-5.ckpt"]}
    assert painted(fox(), of=stock(models=models), model="ponyXL") == ("sdxl", "mine/ponyXL.safetensors")
    with pytest.raises(ModelNotFoundError) as caught:
        painted(fox(), of=stock(models=models), model="other")
    assert caught.value.nearest


def test_model_whose_name_tells_nothing_goes_where_it_lies():
    models = models_of("flux-dev")
    models["diffusion_models"].add("mine.safetensors")
    assert painted(fox(), of=stock(models=models), model="mine") == ("flux-dev", "mine.safetensors")


def test_workflow_with_models_of_its_own_takes_no_other():
    film = fox(workflows=WorkflowWishes(required_capabilities=("video",)))
    with pytest.raises(InvalidParameterError, match=r"left out: wan2\.2-t2v paints with models of its own"):
        painted(film, workflow="wan2.2-t2v", model="wan2.1.safetensors")


def test_workflow_without_any_model_paints_as_it_is():
    plain = replace(template("sdxl"), models=())
    assert painted(fox("some_xl.safetensors"), of=Stock((plain,))) == ("sdxl", None)
    helped = replace(plain, models=template("flux-dev").models[1:])
    assert painted(fox(), of=Stock((helped, template("sd15")), {"checkpoints": ["v1-5.ckpt"]})) == ("sd15", "v1-5.ckpt")
    with pytest.raises(ModelNotFoundError, match="t5xxl"):
        painted(fox(), of=Stock((helped,), {}))


def test_wished_workflow_takes_any_wished_model():
    assert painted(fox(), workflow="sdxl", model="v1-5.ckpt") == ("sdxl", "v1-5.ckpt")


def test_wished_workflow_without_its_model_is_refused():
    with pytest.raises(ModelNotFoundError, match="flux1-dev"):
        painted(fox(), of=stock(models=models_of("sdxl")), workflow="flux-dev")


def test_workflow_whose_models_work_together_keeps_them():
    film = fox("some_xl.safetensors", workflows=WorkflowWishes(required_capabilities=("video",)))
    assert painted(film, of=stock(models=models_of("wan2.2-t2v"))) == ("wan2.2-t2v", None)
    lacking = models_of("wan2.2-t2v") | {"diffusion_models": set(), "checkpoints": ["v1-5.ckpt"]}
    composition = composed("@fox", film, of=stock("wan2.2-t2v", "sd15", models=lacking))
    assert composition.recipe.workflow == "sd15"


def test_own_workflow_with_a_nameless_model_is_of_no_family():
    workflow = template("flux-dev").instantiate(model="mine.safetensors")
    own = Stock((derive_template("own", workflow),))
    assert painted(fox("flux1-dev.safetensors"), of=own) == ("own", "mine.safetensors")
