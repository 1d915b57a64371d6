"""Workflows as this service tells of them: those that ship, and those that people saved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from comfy_gen.errors import WorkflowNotFoundError
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.schema import schema_of

if TYPE_CHECKING:
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.saved import Saved
    from comfy_gen.workflows.template import Template


async def all_workflows(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """Return all workflows: first those that ship."""
    shipped = await asyncio.to_thread(lambda: [load_template(name) for name in template_names()])
    saved = await service.saved.list()
    return [
        *(summary_of(template) for template in shipped),
        *(summary_of(one.template, one, caller) for one in saved),
    ]


async def workflow_of(service: Service, name: str, caller: Caller) -> dict[str, Any]:
    """Return one workflow with all that is known of it.

    Raises:
        WorkflowNotFoundError: there is none of this name.
    """
    template = await service.planner.template(name)
    saved = None if is_shipped(template.name) else await service.saved.get(template.name)
    return detail_of(template, saved, caller)


def is_shipped(name: str) -> bool:
    """Tell whether a workflow of this name ships."""
    try:
        load_template(name)
    except WorkflowNotFoundError:
        return False
    return True


def summary_of(template: Template, saved: Saved | None = None, caller: Caller | None = None) -> dict[str, Any]:
    """Return a workflow for a list."""
    return {
        "name": template.name,
        "title": template.title,
        "summary": template.summary,
        "source": "shipped" if saved is None else "saved",
        "owner": saved.owner if saved is not None and caller is not None and caller.is_admin else None,
        "is_changeable": saved is not None and caller is not None and (caller.is_admin or saved.owner == caller.owner),
        "output": template.output,
        "links": links_of(template.name),
    }


def detail_of(template: Template, saved: Saved | None, caller: Caller) -> dict[str, Any]:
    """Return a workflow with all that is known of it, but for its graph."""
    return {
        **summary_of(template, saved, caller),
        "aliases": list(template.aliases),
        "models": [{"folder": one.folder, "file": one.file, "page": one.page} for one in template.models],
        "presets": {name: dict(values) for name, values in template.presets.items()},
        "input_schema": schema_of(template),
        "created": None if saved is None else saved.created,
        "updated": None if saved is None else saved.updated,
    }


def links_of(name: str) -> dict[str, str]:
    """Return where to go on from a workflow."""
    path = f"/workflows/{quote(name, safe='')}"
    return {"self": path, "input_schema": f"{path}/schema", "graph": f"{path}/graph", "run": f"{path}/run"}
