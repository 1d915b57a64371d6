"""A ComfyUI-compatible server without a GPU, for tests, demonstrations and load.

    async with Sandbox(SandboxOptions(step_time=0.05)) as sandbox:
        ...  # any ComfyUI client, at sandbox.url

Pictures are painted, not diffused, and say so in their metadata; everything around them is as on a real server.
"""

from comfy_gen.sandbox.faults import Fault, FaultScript, Kind, parse_fault
from comfy_gen.sandbox.options import DEFAULT_MODELS, SandboxOptions
from comfy_gen.sandbox.server import Sandbox

__all__ = ["DEFAULT_MODELS", "Fault", "FaultScript", "Kind", "Sandbox", "SandboxOptions", "parse_fault"]
