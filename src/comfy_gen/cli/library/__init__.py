"""``comfygen library``: what was made."""
