"""What `make bench` runs: the engine alone, then the portal with its journal in Postgres, its workers and its memory."""
