"""``comfygen models``: models, and where they come from."""
