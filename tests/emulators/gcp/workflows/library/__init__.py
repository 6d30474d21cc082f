"""The standard library: https://cloud.google.com/workflows/docs/reference/stdlib/overview."""
