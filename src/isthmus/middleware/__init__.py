"""What goes around handlers: every piece is `def middleware(event, context, next)`, for every kind of event."""
