"""The documented module of the clients; they live in `comfy_gen.comfyui`."""

from comfy_gen.comfyui import AsyncComfyUIClient, Cancellation, ClientOptions, ComfyUIClient

__all__ = ["AsyncComfyUIClient", "Cancellation", "ClientOptions", "ComfyUIClient"]
