"""Chooses the workflow and the model that a picture is made with. Pure.

What categories demand of workflows counts by their priority. Workflows whose models the engines have go before those
that run another checkpoint, and both before those that some category does not want.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.composition.choices.painter import Painters
from comfy_gen.composition.choices.parts import capabilities_of, is_of_text_alone
from comfy_gen.composition.explanation import conjoined
from comfy_gen.errors import InvalidParameterError, ModelNotFoundError, WorkflowNotFoundError
from comfy_gen.workflows.families import family_in, family_of, painters_of
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.composition.ask import Wishes
    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.choices.painter import Painter
    from comfy_gen.composition.choices.stock import Stock
    from comfy_gen.composition.explanation import Account
    from comfy_gen.workflows.template import Template


@dataclass(frozen=True, slots=True)
class Chosen:
    """A workflow, and what it paints with."""

    template: Template
    family: str
    """Of its model; empty if nothing tells it."""
    checkpoint: str | None
    """None leaves the workflow its own: several that work together."""
    capabilities: frozenset[str]


def choose(categories: Sequence[Category], wishes: Wishes, stock: Stock, account: Account) -> Chosen:
    """Return the workflow that suits the categories best, of those that the engines can run, with its model.

    ``categories`` come in the order of their priority.

    Raises:
        WorkflowNotFoundError: the one that is wished for is not in stock.
        InvalidParameterError: it needs more than a text, or it has models of its own and another is wished for.
        ModelNotFoundError: the engines lack the model that is wished for, or have none at all that fits.
    """
    painters = Painters(wishes.model, categories, stock, account)
    painters.check_wished()
    wished = [_wished(wishes.workflow, stock)] if wishes.workflow is not None else []
    ranked = wished or _ranked(painters, categories, stock, account)
    template, painter = _first(ranked, painters, stock)
    _note(template, painter, ranked, categories, account)
    _note_objections(template, categories, account, is_wished=bool(wished))
    return Chosen(template, _family(template, painter), painter.file, capabilities_of(template))


def _wished(name: str, stock: Stock) -> Template:
    """Return the workflow of this name, whatever categories say of it."""
    plain = name.removesuffix(".json").removeprefix("workflows/").lower()
    found = (one for one in stock.templates if plain in (one.name.lower(), *map(str.lower, one.aliases)))
    if (template := next(found, None)) is None:
        raise WorkflowNotFoundError(name, nearest_names(plain, (one.name for one in stock.templates)))
    if not is_of_text_alone(template):
        raise InvalidParameterError("workflow", name, "one that makes pictures of a text alone")
    return template


def _ranked(painters: Painters, categories: Sequence[Category], stock: Stock, account: Account) -> list[Template]:
    """Return the workflows that come into question, the best first.

    Those made for the model that is wished for go before others, then those that all categories allow, then as they
    are preferred.
    """
    is_film = any("video" in one.workflows.required_capabilities for one in categories)
    of_text = [one for one in stock.templates if is_of_text_alone(one) and (is_film or one.output == "image")]
    of_family = [one for one in of_text if painters.suit(one)]
    suitable = _suitable(of_family, categories, account)

    def rank(one: Template) -> tuple[bool, bool, float]:
        return one not in of_family, one.name not in suitable, -_score(one.name, categories)

    return sorted(of_text, key=rank)


def _suitable(possible: Sequence[Template], categories: Sequence[Category], account: Account) -> set[str]:
    """Return the workflows that all categories allow; the demands of one that would leave none are given up."""
    left = [*possible]
    for category in categories:
        objections = {one.name: objection for one in left if (objection := _objection(one, category))}
        if objections and len(objections) == len(left):
            continue  # said of the workflow that is used in the end
        for name, objection in objections.items():
            account.reject(name, "workflow", objection, category.id)
        left = [one for one in left if one.name not in objections]
    return {one.name for one in left}


def _objection(template: Template, category: Category) -> str:
    """Return what a category has against a workflow; empty if nothing."""
    if template.name in category.workflows.excluded:
        return f"{category.id} excludes {template.name}"
    required = category.workflows.required_capabilities
    lacking = [one for one in required if one not in capabilities_of(template)] if required else []
    return f"{category.id} requires {conjoined(lacking)}, which {template.name} has not" if lacking else ""


def _score(name: str, categories: Sequence[Category]) -> float:
    """Return how much a workflow is preferred: by each category as its priority says, the first choice most."""
    wishes = ((one.rules.priority + 1, one.workflows.preferred) for one in categories)
    return sum(weight * (1 - names.index(name) / len(names)) for weight, names in wishes if name in names)


def _first(ranked: Sequence[Template], painters: Painters, stock: Stock) -> tuple[Template, Painter]:
    """Return the first workflow that the engines can run."""
    for find in (painters.of, painters.any):
        for template in ranked:
            if painter := find(template):
                return template, painter
    need = (*painters_of(ranked[0]), *ranked[0].models)[0]
    raise ModelNotFoundError(need.file, need.folder, stock.nearest(need.file, need.folder))


def _family(template: Template, painter: Painter) -> str:
    return family_in(painter.file or "") or family_of(template)


def _note(
    template: Template, painter: Painter, ranked: Sequence[Template], categories: Sequence[Category], account: Account
) -> None:
    why = _why(template, ranked, categories)
    account.step("workflow", "workflow_selection", f"Took the workflow {template.name}: {why}", template.name)
    if painter.file is not None:
        account.step("workflow", "model_selection", f"Took the model {painter.file}: {painter.why}", painter.source)
    told = {one.what for one in account.rejected if one.kind == "workflow"}
    for other in ranked:
        if other.name not in (template.name, *told):
            account.reject(other.name, "workflow", f"{template.name} goes before it: {why}", "workflow")


def _why(template: Template, ranked: Sequence[Template], categories: Sequence[Category]) -> str:
    if len(ranked) == 1:
        return "it was asked for"
    if fans := [one.id for one in categories if template.name in one.workflows.preferred]:
        return f"{conjoined(fans)} {'prefers' if len(fans) == 1 else 'prefer'} it"
    return "it is the first that suits" if template is ranked[0] else "it is the first that the engines can run"


def _note_objections(template: Template, categories: Sequence[Category], account: Account, *, is_wished: bool) -> None:
    """Note who did not want the workflow that is used all the same."""
    kept, why = ("you", "it was asked for") if is_wished else (template.name, "no other is left that can be run")
    for category in categories:
        if objection := _objection(template, category):
            account.conflict(kept=kept, dropped=category.id, about="workflow", reason=f"{objection}, but {why}")
