"""Bundles: what a deployed function carries, built at deployment for any provider.

`build.build` makes a zip of each function out of what its handler imports, for a `platform.Platform`, and proves that
the handler imports from it.
"""
