"""What `make up` runs: the portal with everything it needs, on one machine, stopped by one Ctrl-C."""
