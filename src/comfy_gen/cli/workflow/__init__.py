"""``comfygen workflow``: workflows."""
