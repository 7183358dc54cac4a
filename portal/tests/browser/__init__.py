"""A real browser clicks through the running product."""
