"""What holds of every composition, whatever the categories, the text and the engines."""

from __future__ import annotations

import functools
import itertools
import json
import random
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_gen.composition.categories.category import Category, Kind, LoraUse, Range, WorkflowWishes
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.choices.parts import capabilities_of, part_of
from comfy_gen.composition.choices.sense import sense_of
from comfy_gen.composition.compose import Ask, Composition, compose
from comfy_gen.composition.explanation import PHASES
from comfy_gen.composition.recipe import Recipe
from comfy_gen.composition.texts.parsing import read_text
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import ModelNotFoundError, NoCategoryError, PolicyTierError
from comfy_gen.workflows.families import CLASSIC, family_in, family_of
from tests.composition.making import every_template, made, models_of, template
from tests.composition.making import stock as stock_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.composition.choices.stock import Stock

IDS = ("fox", "castle", "harbour", "meadow", "thunder", "twilight", "etching", "mosaic")
PHRASES = (
    "soft fur",
    "tall tower",
    "warm light",
    "soft light",
    "light",
    "heavy grain",
    "Soft Furs",
    "rough stone",
    "no",
)
WORDS = ("a", "in the", "with", "red", "(warm light:1.2)", "rough stones,", "no tower", "without soft light.", "very")
LORAS = ("ink.safetensors", "styles/ink.safetensors", "glow.safetensors", "flux-glow.safetensors")
CAPABILITIES = ("negative-prompt", "loras", "cfg", "video")
WORKFLOWS = ("sdxl", "sd15", "flux-dev", "flux-schnell", "sd3.5")


STOCKS = (
    {"models": None},
    {"models": None, "max_lora_strength": 0.5},
    {"models": models_of("sdxl")},
    {"models": models_of("flux-schnell") | {"loras": {"ink.safetensors"}}},
    {"models": {"checkpoints": {"tiny.ckpt"}}},
)


class Making:
    """Makes a case by chance. Hypothesis draws the seed alone: all of a case takes it a hundred times longer."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def case(self) -> Case | None:
        """Return a case; None where nothing can be composed, and that is said."""
        registry = Registry.of([self._category(one) for one in IDS])
        stock = stock_of(**self._one(STOCKS))
        ask = Ask(
            input=" ".join((f"@{self._one(IDS)}", *self._some((*WORDS, *IDS, *(f"@{one}" for one in IDS)), 8))),
            max_categories=self._chance.randint(1, 5),
            min_confidence=self._one((0.0, 0.3, 0.9)),
            tier=self._one((Tier.GENERAL, Tier.MATURE)),
            seed=self._one((None, 7)),
        )
        try:
            return Case(ask, registry, stock, compose(ask, registry, stock))
        except (NoCategoryError, PolicyTierError, ModelNotFoundError):
            return None

    def _category(self, name: str) -> Category:
        others = [one for one in IDS if one != name]
        return made(
            name,
            self._one(tuple(Kind)),
            tier=self._one((Tier.GENERAL, Tier.GENERAL, Tier.GENERAL, Tier.MATURE)),
            priority=self._chance.randint(0, 100),
            conflicts_with=self._some(others, 2),
            requires=self._some(others, 1),
            enhances=self._some(others, 3),
            max_per_type=self._one((None, 1, 2)),
            shows=self._some(PHRASES, 3),
            may_show=self._some(PHRASES, 3),
            hides=self._some(PHRASES, 3),
            may_hide=self._some(PHRASES, 3),
            wants=[self._lora() for _ in range(self._chance.randint(0, 2))],
            needs=[self._lora() for _ in range(self._chance.randint(0, 1))],
            avoids=self._some(LORAS, 1),
            steps=self._range(60),
            cfg=self._range(15),
            aspect_ratio=self._one((None, (1, 21), (3, 4), (16, 9))),
            sampler=self._one((None, "euler", "lms")),
            workflows=WorkflowWishes(self._some(WORKFLOWS, 3), self._some(CAPABILITIES, 1), self._some(WORKFLOWS, 3)),
            models=self._some(("sd_xl_base_1.0.safetensors", "tiny.safetensors", "flux1-dev.safetensors"), 2),
        )

    def _lora(self) -> LoraUse:
        strength = round(self._chance.uniform(-2, 2), 2)
        return LoraUse(self._one(LORAS), strength, self._some(("inkstyle", "warm light"), 1))

    def _range(self, most: int) -> Range | None:
        low, best, high = sorted(self._chance.randint(1, most) for _ in range(3))
        return self._one((None, Range(low, high, best)))

    def _one(self, values: Sequence[Any]) -> Any:
        return self._chance.choice(values)

    def _some(self, values: Sequence[str], most: int) -> tuple[str, ...]:
        return tuple(self._chance.sample(values, self._chance.randint(0, min(most, len(values)))))


@functools.cache
def case_of(seed: int) -> Case | None:
    return Making(seed).case()


class Case(NamedTuple):
    """A composition, and what it was made of."""

    ask: Ask
    registry: Registry
    stock: Stock
    composition: Composition

    @property
    def recipe(self) -> Recipe:
        return self.composition.recipe

    @property
    def used(self) -> list[Category]:
        return [self.registry.get(one) for one in self.composition.categories]

    @property
    def words(self) -> str:
        return read_text(self.ask.input, self.registry.lexicon).text.strip(" ,;")

    @property
    def fragments(self) -> list[str]:
        """What stands behind the person's words."""
        own = self.words or ", ".join(
            one.display_name.lower() for one in sorted(self.used, key=lambda one: -one.rules.priority)
        )
        return [one for one in self.recipe.positive_prompt[len(own) :].strip(", ").split(", ") if one]

    def has_given_up(self, category: Category, setting: str) -> bool:
        rejected = self.composition.explanation.rejected
        return any((one.kind, one.what, one.source) == ("setting", setting, category.id) for one in rejected)


def holds_of_every_composition(check):
    """Check it of every case that is composed at all."""

    @settings(max_examples=80, deadline=None)
    @given(st.integers(0, 2**32))
    def test(seed):
        if (case := case_of(seed)) is not None:
            check(case)

    return test


def test_most_cases_are_composed():
    cases = [case_of(seed) for seed in range(100)]
    assert sum(case is not None for case in cases) > 60
    assert any(case.composition.conflicts for case in cases if case)


@holds_of_every_composition
def test_the_same_gives_the_same(case):
    again = compose(case.ask, Registry.of(reversed(case.registry.all)), case.stock)
    assert again == case.composition
    assert again.recipe.digest == case.recipe.digest


@holds_of_every_composition
def test_recipe_survives_json(case):
    assert Recipe.from_json(json.loads(json.dumps(case.recipe.as_json()))) == case.recipe


@holds_of_every_composition
def test_words_come_first_and_are_unchanged(case):
    assert case.recipe.positive_prompt.startswith(case.words)


@holds_of_every_composition
def test_no_fragment_is_said_twice(case):
    for prompt in (case.fragments, case.recipe.negative_prompt.split(", ")):
        senses = [sense_of(one) for one in prompt if one]
        assert len(set(senses)) == len(senses)
    assert not any(sense_of(one) in sense_of(case.words) for one in case.fragments)


@holds_of_every_composition
def test_prompts_do_not_contradict_each_other(case):
    reading = read_text(case.ask.input, case.registry.lexicon)
    unwanted = [sense_of(one) for one in reading.negated]
    assert not any(other in sense_of(one) for one in case.fragments for other in unwanted)
    hidden = [one for one in case.recipe.negative_prompt.split(", ") if one and one not in reading.negated]
    for shown, other in itertools.product(case.fragments, hidden):
        assert sense_of(other) not in sense_of(shown)


@holds_of_every_composition
def test_categories_are_within_tier_room_and_rules(case):
    assert all(case.ask.tier.allows(one.tier) for one in case.used)
    assert len(set(case.composition.categories)) == len(case.used) <= case.ask.max_categories
    for one, other in itertools.permutations(case.used, 2):
        assert other.id not in one.rules.conflicts_with


@holds_of_every_composition
def test_settings_are_within_all_ranges_that_were_not_given_up(case):
    chosen = template(case.recipe.workflow)
    for name in ("steps", "cfg"):
        value, part = getattr(case.recipe, name), part_of(chosen, name)
        assert (value is None) == (part is None)
        for category in case.used if part else ():
            wanted = getattr(category.settings, name)
            if wanted is not None and not case.has_given_up(category, name):
                assert wanted.minimum <= value <= wanted.maximum
    for name in ("steps", "cfg", "width", "height", "sampler", "scheduler"):
        part = part_of(chosen, name)
        assert part is None or part.fault(getattr(case.recipe, name)) is None
    if any(one.settings.aspect_ratio for one in case.used):
        assert case.recipe.width % 64 == case.recipe.height % 64 == 0


@holds_of_every_composition
def test_workflow_suits_all_categories_or_the_conflict_is_told(case):
    chosen, told = template(case.recipe.workflow), {one.dropped for one in case.composition.conflicts}
    for category in case.used:
        wishes = category.workflows
        suits = capabilities_of(chosen).issuperset(wishes.required_capabilities) and chosen.name not in wishes.excluded
        assert suits or category.id in told


@holds_of_every_composition
def test_model_is_there_and_of_the_family(case):
    files = (
        None
        if case.stock.models is None
        else case.stock.models.get("checkpoints", frozenset())
        | (case.stock.models.get("diffusion_models", frozenset()))
    )
    checkpoint, family = case.recipe.checkpoint, family_of(template(case.recipe.workflow))
    if checkpoint is not None:
        assert files is None or checkpoint in files
        assert (family_in(checkpoint) or "sd15") == family
    assert family in {*CLASSIC, "flux", "sd3.5", "qwen-image", "wan"}


@holds_of_every_composition
def test_loras_are_wanted_by_nobody_avoided_and_below_the_cap(case):
    stems = [one.filename.rpartition("/")[2] for one in case.recipe.loras]
    assert len(set(stems)) == len(stems)
    assert not {one.rpartition("/")[2] for category in case.used for one in category.loras.avoid} & set(stems)
    assert sum(abs(one.strength) for one in case.recipe.loras) <= case.stock.max_lora_strength + 1e-9


@holds_of_every_composition
def test_every_other_workflow_is_told_and_steps_are_in_order(case):
    explanation = case.composition.explanation
    told = {one.what for one in explanation.rejected if one.kind == "workflow"}
    films = any("video" in one.workflows.required_capabilities for one in case.used)
    possible = {one.name for one in every_template() if films or one.output == "image"}
    assert told >= possible - {case.recipe.workflow}
    phases = [PHASES.index(step.phase) for step in explanation.steps]
    assert phases == sorted(phases)
