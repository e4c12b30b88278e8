"""What experiments promise, measured: `python -m tests.promises` prints each promise with its figures.

One file a promise, ``p<number>_<name>.py``, found by discovery, with ``measure(is_quick)`` which
gives Figures.
"""
