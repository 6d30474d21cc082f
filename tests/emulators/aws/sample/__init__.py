"""A small Pulumi program with a resource of many kinds, and the functions that it deploys."""
