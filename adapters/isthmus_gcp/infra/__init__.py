"""Pulumi components: what each declared resource comes to."""
