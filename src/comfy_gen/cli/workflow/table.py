"""How workflows that are kept are shown, and what one from elsewhere lacks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.table import cut
from comfy_gen.cli.models.table import below, need_lines
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.cli.visible import visible
from comfy_gen.errors import listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from comfy_gen.app.importing import Lacks, MissingModel, MissingNode
    from comfy_gen.jobs.saved import Saved


def workflow_table(saved: Sequence[Saved]) -> Table:
    """Return one line for each workflow."""
    table = plain_table()
    table.add_column("workflow", no_wrap=True)
    table.add_column("makes", no_wrap=True)
    table.add_column("owner", max_width=16)
    table.add_column("what", ratio=1)
    table.add_column("model", ratio=1)
    for one in saved:
        template = one.template
        what = " · ".join(dict.fromkeys(filter(None, (template.title, template.summary))))
        model = template.models[0].file if template.models else ""
        table.add_row(one.name, template.output, cut(one.owner), cut("" if what == one.name else what), cut(model))
    return table


def lines_of(lacks: Lacks) -> Iterator[Text]:
    """Yield what a workflow lacks, each thing with what to do about it."""
    for node in lacks.nodes:
        yield from _node_lines(node)
    for model in lacks.models:
        yield from _model_lines(model)
    for problem in lacks.problems:
        yield Text.assemble(("wrong    ", "red"), visible(problem))


def _node_lines(node: MissingNode) -> Iterator[Text]:
    yield Text.assemble(
        ("missing  ", "red"), "node class ", (visible(node.class_type), "bold"), _used_by(node.node_ids)
    )
    if node.reason:
        yield below("why", node.reason)
    if node.origin:
        yield below("from", node.origin)
    elif node.nearest:
        yield below("nearest", listing(node.nearest, limit=3))


def _model_lines(missing: MissingModel) -> Iterator[Text]:
    place = visible(f"{missing.folder}/{missing.file}")
    yield Text.assemble(("missing  ", "red"), "model ", (place, "bold"), _used_by(missing.node_ids))
    yield from need_lines(missing.fallbacks, missing.model)


def _used_by(node_ids: Sequence[str]) -> tuple[str, str]:
    word = "node" if len(node_ids) == 1 else "nodes"
    return visible(f"  {word} {listing(node_ids, limit=5)}"), "dim"
