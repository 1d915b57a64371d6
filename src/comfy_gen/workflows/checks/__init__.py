"""Checks a workflow against an engine's node classes: says all that is wrong, before anything is sent. Pure."""

from comfy_gen.workflows.checks.problem import Problem
from comfy_gen.workflows.checks.report import Report, check

__all__ = ["Problem", "Report", "check"]
