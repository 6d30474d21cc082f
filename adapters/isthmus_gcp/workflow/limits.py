"""The limits of Google Workflows that a source can break.

https://cloud.google.com/workflows/quotas
"""

from __future__ import annotations

SOURCE = 128 * 1024
"""How many bytes a source may have."""

EXPRESSION = 400
"""How many characters an expression may have, `${` and `}` among them."""

CONDITIONS = 50
"""How many conditions a switch may have."""

ASSIGNMENTS = 50
"""How many assignments a step may have."""

BRANCHES = 10
"""How many branches a parallel step may have."""

NESTED_PARALLEL = 2
"""How deep parallel steps may be nested."""

AT_ONCE = 20
"""How many branches and iterations run at the same time; more wait for their turn."""

CALL_DEPTH = 20
"""How deep subworkflows may call each other."""

STEPS = 100_000
"""How many steps an execution may make."""

VARIABLES = 512 * 1024
"""How many bytes all variables of an execution may have."""

HTTP_SECONDS = 1800
"""How long a call by HTTP may take: https://cloud.google.com/workflows/docs/reference/stdlib/http/post."""

EXECUTION_SECONDS = 31_536_000
"""How long an execution may take: a year."""

INTEGER = 2**63
"""An integer has 64 bits: https://cloud.google.com/workflows/docs/reference/syntax/datatypes."""
