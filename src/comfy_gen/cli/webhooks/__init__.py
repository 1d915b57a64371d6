"""``comfygen webhooks``: webhooks, and what became of them."""
