"""What `make bench` runs: the engine alone, then the portal: journal in Postgres, workers, memory, waiting."""
