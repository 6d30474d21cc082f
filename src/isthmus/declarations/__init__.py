"""What an app declares: plain frozen data, without I/O and without a cloud."""
