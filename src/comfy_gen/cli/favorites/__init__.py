"""``comfygen favorites``: what somebody liked."""
