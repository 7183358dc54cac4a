"""What `make bench` measures of the engine alone, without Django: time, calls and CPU beside a plain script."""
