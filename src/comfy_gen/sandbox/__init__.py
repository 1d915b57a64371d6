"""A ComfyUI-compatible server without a GPU, for tests, demonstrations and load."""
