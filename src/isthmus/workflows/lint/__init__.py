"""The linter of the States Language: everything that is wrong with a definition, before anything runs."""
