"""Workflows: the graphs ComfyUI runs, read, checked and edited without a server."""
