"""Parts that blueprints are composed of: each function is the list of what it makes."""
