"""Speed of the Google adapter, beside what one would write by hand."""
