"""The reference app's true deployment: Pulumi's engine, the project's program, and the emulated cloud."""
