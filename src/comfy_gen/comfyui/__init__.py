"""One engine's protocol: what to ask a ComfyUI, and what its answers mean."""

from comfy_gen.comfyui.aio import AsyncComfyUIClient, Cancellation
from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.client import ComfyUIClient
from comfy_gen.comfyui.http import ClientOptions
from comfy_gen.comfyui.run import Run
from comfy_gen.comfyui.tracker import Ending, Event, Outcome

__all__ = [
    "AsyncComfyUIClient",
    "Cancellation",
    "ClientOptions",
    "ComfyUIClient",
    "Ending",
    "Event",
    "FileRef",
    "Outcome",
    "Run",
]
