"""The documented helpers, under their documented module: what a history holds."""

from comfy_gen.comfyui.outputs import extract_output_images, extract_output_texts, extract_outputs

__all__ = ["extract_output_images", "extract_output_texts", "extract_outputs"]
