"""``comfygen quality``: how good pictures are."""
