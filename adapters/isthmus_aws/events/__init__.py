"""From the events that Lambda hands over to the neutral ones, and from a result to what Lambda expects."""
