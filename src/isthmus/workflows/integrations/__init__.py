"""The language's service integrations, over the neutral clients of linked resources: `integrate` does one."""
