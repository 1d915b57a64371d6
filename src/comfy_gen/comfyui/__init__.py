"""One engine's protocol: what to ask a ComfyUI, and what its answers mean."""
