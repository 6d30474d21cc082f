"""The clients of linked resources, on botocore."""
