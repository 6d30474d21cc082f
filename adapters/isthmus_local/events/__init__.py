"""From the frames of the supervisor to the neutral events, and from a handler's result to a frame."""
