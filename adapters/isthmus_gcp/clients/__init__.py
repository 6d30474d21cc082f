"""Clients of linked resources, on Google's own libraries."""
