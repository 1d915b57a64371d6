"""Composes recipes of categories, and says why. Pure but for the files that categories and wildcards are read from."""
