"""The HTTP service: a thin face over `comfy_gen.app`."""
