"""Compares pictures with texts, by a model."""
