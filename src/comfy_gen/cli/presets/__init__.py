"""``comfygen presets``: values that are kept by name."""
