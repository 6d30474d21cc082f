"""What becomes of definitions on Step Functions."""
