"""Tells other programs what became of a job."""
