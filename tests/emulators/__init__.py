"""The real parts that tests run against: a package for each provider that has to be deployed."""
