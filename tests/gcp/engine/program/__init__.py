"""The Pulumi program of the engine tests."""
