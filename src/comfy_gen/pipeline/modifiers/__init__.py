"""Classes that make a workflow of a few named values: those that ship, and those of who runs the service."""

from comfy_gen.pipeline.modifiers.modifier import BaseModifier
from comfy_gen.pipeline.modifiers.registry import Modifiers

__all__ = ["BaseModifier", "Modifiers"]
