"""What becomes of the events of a batch: handled, tried again later, or parked with the reason."""
