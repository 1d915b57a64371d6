"""Every route of a ComfyUI as a method, by subject.

Answers are the server's own JSON unless the docstring says otherwise. Every method raises `EngineUnreachableError`
when nobody answers, and `EngineResponseError` for a status or a body that the route should not give.
"""

from comfy_gen.comfyui.routes.assets import AssetRoutes
from comfy_gen.comfyui.routes.files import FileRoutes
from comfy_gen.comfyui.routes.queue import QueueRoutes
from comfy_gen.comfyui.routes.server import ServerRoutes
from comfy_gen.comfyui.routes.userdata import UserdataRoutes


class Routes(QueueRoutes, ServerRoutes, FileRoutes, UserdataRoutes, AssetRoutes):
    """The HTTP half of a ComfyUI client."""


__all__ = ["Routes"]
