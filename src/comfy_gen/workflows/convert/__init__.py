"""Turns what ComfyUI's editor saves into the graph that its server runs, and says what stands in the way. Pure."""

from comfy_gen.workflows.convert.api import Conversion, convert
from comfy_gen.workflows.convert.finding import Finding, Kind

__all__ = ["Conversion", "Finding", "Kind", "convert"]
