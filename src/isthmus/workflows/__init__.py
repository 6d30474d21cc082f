"""Workflows: the States Language, read, checked, drawn, evaluated and interpreted, whatever runs it in the end."""
