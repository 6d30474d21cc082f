"""The parts that run as servers of their own: Pub/Sub, Cloud Storage, Secret Manager."""
