"""What is peculiar to each kind, tried over the wire."""
