"""What carries events to functions: a module for each service, that obeys what the deployed resources say."""
