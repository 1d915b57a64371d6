"""Measures what ComfyGen costs, beside what else there is: `python -m benchmarks` does all of it, and a report."""
