"""Runs the cases of an outside collection against the installed providers: `python -m tests.corpus events DIR`."""
