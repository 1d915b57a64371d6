"""Many engines: what each can do, how each does, and which of them gets what next."""
