"""What templates can say: tags and filters of `andamio`, and the tables they read."""
