"""Makes what a Pulumi program registers, in an emulator: a table of kinds, and two fronts that use it.

`mocks` runs the program in this process under Pulumi's mocks; `plugin` is a provider for a true engine. What a kind of
resource comes to is written once, in a table of `kind.Kind`.
"""
