"""One file a change, run in the order of their numbers."""
