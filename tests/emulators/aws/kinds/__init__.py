"""The creators, a module for each AWS service; `table` has all of them by Pulumi's token."""
