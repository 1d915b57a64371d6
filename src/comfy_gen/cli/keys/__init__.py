"""``comfygen keys``: API keys."""
