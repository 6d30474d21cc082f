"""The reference app's handlers: they know no cloud, only their events and `Resource`."""
