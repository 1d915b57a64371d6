"""``comfygen categories``: categories."""
