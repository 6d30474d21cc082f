"""A test double of Google Workflows, written from Google's documentation: its language, its library, its API.

What the documentation does not tell is refused; where a rule is a guess, "not documented" stands beside it.
https://cloud.google.com/workflows/docs/reference/syntax
"""
