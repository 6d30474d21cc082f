"""Pulumi components: what an app declares, as AWS resources. Deploy time only."""
