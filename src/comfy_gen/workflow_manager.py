"""`WorkflowManager`, under the name of the documentation; it lives in `comfy_gen.workflows.manager`."""

from comfy_gen.workflows.manager import WorkflowManager

__all__ = ["WorkflowManager"]
