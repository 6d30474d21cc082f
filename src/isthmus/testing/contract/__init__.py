"""What every provider must do, as test classes that anybody runs over a provider: see `suite`."""
