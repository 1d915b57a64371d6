"""ComfyGen: one ComfyUI, or a rack of them, as an image service people can trust."""

__version__ = "0.1.0"
