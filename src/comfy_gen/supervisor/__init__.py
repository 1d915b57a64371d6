"""A ComfyUI of this machine: installed, started, watched and stopped."""
