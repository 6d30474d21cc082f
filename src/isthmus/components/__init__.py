"""What the Pulumi components of every cloud have in common; only what deploys imports it."""
