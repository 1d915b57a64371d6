"""``comfygen service``: ComfyUI itself."""
