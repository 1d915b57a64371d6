"""Measures pictures, without a model."""
