"""Secret Manager in memory, over gRPC, with the client library's own message classes."""
