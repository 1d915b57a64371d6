"""The map of the specification: what each of its items is here, and which tests show it.

``index`` reads it from `tests/mission/`, ``resolving`` and ``faces`` look each item up in the code, ``page`` writes
`docs/mission.md`.
"""
