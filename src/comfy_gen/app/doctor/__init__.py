"""Says of an installation what works and what does not, and the command that mends each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.app.doctor.judgement import judge
from comfy_gen.app.doctor.looking import look
from comfy_gen.workflows.catalogue import load_template, template_names

if TYPE_CHECKING:
    from comfy_gen.app.doctor.finding import Finding
    from comfy_gen.config import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything once, and return what there is to say of it, in the order in which a person reads it."""
    return judge(await look(settings), settings, {name: load_template(name) for name in template_names()})
