"""The creators, a module for each of Google's services; `table` has all of them by Pulumi's token."""
