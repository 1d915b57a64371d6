"""Finds the model that a workflow paints with, of those that the engines have. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.explanation import conjoined
from comfy_gen.errors import InvalidParameterError, ModelNotFoundError
from comfy_gen.workflows.families import (
    PAINTERS,
    family_in,
    family_of,
    family_of_checkpoint,
    painters_of,
    paints_pictures,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.choices.stock import Stock
    from comfy_gen.composition.explanation import Account
    from comfy_gen.workflows.template import Template


class Painter(NamedTuple):
    """A model that paints."""

    file: str | None
    """None: several, as the workflow has them."""
    why: str
    source: str
    """Who wants it."""


class Painters:
    """The models that there are, and what is wanted of them."""

    def __init__(self, wished: str | None, categories: Sequence[Category], stock: Stock, account: Account) -> None:
        self._wished = wished
        self._categories = categories
        self._stock = stock
        self._account = account

    def of(self, template: Template) -> Painter | None:
        """Return the model that a workflow paints with best; None if the engines lack something that it needs.

        Raises:
            InvalidParameterError: one is wished for, and the workflow paints with several.
        """
        needs = painters_of(template)
        others = [need for need in template.models if need not in needs]
        if lacking := [need.file for need in others if not self._stock.has(need)]:
            self._reject(template, lacking)
            return None
        if len({need.file for need in needs}) != 1:
            return self._several(template)
        return self._asked_for(template) if self._wished else self._preferred(template) or self._own(template)

    def any(self, template: Template) -> Painter | None:
        """Return any checkpoint of the workflow's family; None if there is none, or another model is wished for."""
        need = next((one for one in painters_of(template) if one.folder == "checkpoints"), None)
        if need is None or self._wished:
            return None
        family = family_of(template)
        files = sorted((self._stock.models or {}).get(need.folder, ()))
        fitting = (file for file in files if paints_pictures(file) and family_of_checkpoint(file) == family)
        file = next(fitting, None)
        why = f"the engines have no {need.file}, but this checkpoint that {template.name} runs"
        return None if file is None else Painter(file, why, "engines")

    def check_wished(self) -> None:
        """Do nothing, if the engines have the model that is wished for, or none is.

        Raises:
            ModelNotFoundError: they have not.
        """
        if self._wished and not any(self._stock.locate(self._wished, folder) for folder in PAINTERS):
            raise ModelNotFoundError(self._wished, PAINTERS[0], self._stock.nearest(self._wished, PAINTERS[0]))

    def suit(self, template: Template) -> bool:
        """Tell whether a workflow is made for the model that is wished for, if one is."""
        return self._wished is None or self._fits(self._wished, template)

    def _asked_for(self, template: Template) -> Painter | None:
        located = self._stock.locate(self._wished or "", painters_of(template)[0].folder)
        return Painter(located.file, located.why or "it was asked for", "you") if located else None

    def _several(self, template: Template) -> Painter | None:
        if self._wished:
            expected = f"left out: {template.name} paints with models of its own, which work together"
            raise InvalidParameterError("model", self._wished, expected)
        if lacking := [need.file for need in painters_of(template) if not self._stock.has(need)]:
            self._reject(template, lacking)
            return None
        return Painter(None, "its models work together", template.name)

    def _preferred(self, template: Template) -> Painter | None:
        """Return the first model that a category prefers, that fits, and that there is."""
        for category in self._categories:
            for name in category.models:
                if not self._fits(name, template):
                    self._account.reject(name, "model", f"it is not made for {template.name}", category.id)
                elif located := self._stock.locate(name, painters_of(template)[0].folder):
                    return Painter(located.file, located.why or f"{category.id} prefers it", category.id)
                else:
                    self._account.reject(name, "model", "the engines do not have it", category.id)
        return None

    def _own(self, template: Template) -> Painter | None:
        need = painters_of(template)[0]
        if located := self._stock.locate(need.file, need.folder):
            return Painter(located.file, located.why or f"{template.name} is made for it", template.name)
        self._reject(template, [need.file])
        return None

    def _fits(self, name: str, template: Template) -> bool:
        """Tell whether a workflow is made for a model, as far as their names tell."""
        own = painters_of(template)[:1]
        if any(name == need.file for need in own):
            return True
        if self._is_of_another(name, template):
            return False
        is_checkpoint = bool(own) and own[0].folder == "checkpoints"
        family = family_in(name) or ("sd15" if is_checkpoint else "")
        return family == family_of(template)

    def _is_of_another(self, name: str, template: Template) -> bool:
        """Tell whether another workflow is made for just this model: schnell's does not run dev, of the same family."""
        others = (one for one in self._stock.templates if one.name != template.name)
        return any(need.file == name for other in others for need in painters_of(other))

    def _reject(self, template: Template, lacking: Sequence[str]) -> None:
        for file in lacking:
            self._account.reject(file, "model", "the engines do not have it", template.name)
        self._account.reject(template.name, "workflow", f"the engines have no {conjoined(lacking)}", "engines")
