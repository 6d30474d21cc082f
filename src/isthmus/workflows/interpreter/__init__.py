"""The interpreter of the States Language: storage-agnostic, each call one transaction on a ledger."""
