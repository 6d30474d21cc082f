"""What becomes of events that fail: when they come again, and where they are parked."""
