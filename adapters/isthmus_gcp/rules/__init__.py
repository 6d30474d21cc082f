"""What Google would refuse or do otherwise, told at plan time."""
