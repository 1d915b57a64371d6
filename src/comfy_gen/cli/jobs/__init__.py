"""``comfygen jobs``: jobs that survive."""
