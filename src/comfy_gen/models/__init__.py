"""Models: which there are, where they come from, and the way from there to an engine's folders."""
