"""A service made for tests: what its handlers do with an event stands in a table."""
