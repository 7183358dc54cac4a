"""Looking without touching: what AWS says of an environment, and what is still there after its end."""
