"""What becomes of a definition on Step Functions: the document with real ARNs. Only what deploys imports it."""
