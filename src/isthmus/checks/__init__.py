"""The checks of a plan, one module a subject: each yields the problems that it finds and never raises."""
