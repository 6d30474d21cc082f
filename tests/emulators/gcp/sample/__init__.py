"""A small app by hand, in raw Pulumi: what the cloud is tried with, without any of Isthmus's own components."""
