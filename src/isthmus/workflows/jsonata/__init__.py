"""JSONata, the States Language's second query language: `dataflow` has what the interpreter asks of it."""
