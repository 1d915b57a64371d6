"""What the check of one node finds: a problem, a fault of the check itself, or a link to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comfy_gen.workflows.checks.problem import Problem

if TYPE_CHECKING:
    from comfy_gen.workflows.checks.declarations import Declarations, Input


_RULED = frozenset(
    {
        "return_type_mismatch",
        "invalid_input_type",
        "value_smaller_than_min",
        "value_bigger_than_max",
        "value_not_in_list",
    }
)
"""What a class may judge itself, with a ``VALIDATE_INPUTS`` of its own, which ``object_info`` does not tell."""


class Scope(NamedTuple):
    """What a workflow is checked against."""

    workflow: dict[str, Any]
    """A ``Workflow``, or what is taken for one: its nodes may have any shape."""
    declarations: Declarations
    known_files: frozenset[str] = frozenset()

    def class_of(self, node_id: str) -> str | None:
        """Return a node's class, or None when the engine has no such class."""
        node = self.workflow[node_id]
        class_type: object = cast("dict[str, Any]", node).get("class_type") if isinstance(node, dict) else None
        return class_type if isinstance(class_type, str) and class_type in self.declarations else None


class Via(NamedTuple):
    """A link from a node's input to the node that feeds it."""

    source: str
    input: Input
    link: list[Any]
    is_followed: bool = True
    """False where the link itself is wrong: ComfyUI then does not look at what is behind it."""


class Fault(NamedTuple):
    """What breaks ComfyUI's check in mid-node. How it reports that depends on how the check came to the node."""

    cause: Exception
    claim: str
    input_name: str | None = None


Finding = Problem | Fault | Via


class Place(NamedTuple):
    """One input of one node, where problems are."""

    scope: Scope
    node_id: str
    class_type: str
    declared: Input

    def problem(
        self,
        kind: str,
        message: str,
        claim: str,
        *,
        details: str | None = None,
        nearest: tuple[str, ...] = (),
        is_refused: bool = True,
        **facts: object,
    ) -> Problem:
        """Return a problem of this input; ``facts`` go into its ``extra_info``."""
        name, declarations = self.declared.name, self.scope.declarations
        is_known = not (kind in _RULED and declarations.is_custom(self.class_type))
        return Problem(
            type=kind,
            message=message,
            details=name if details is None else details,
            claim=claim,
            extra_info={"input_name": name, **facts},
            node_id=self.node_id,
            class_type=self.class_type,
            input_name=name,
            nearest=nearest,
            is_refused=is_refused and is_known,
        )
