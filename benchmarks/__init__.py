"""What this costs, measured: `make bench` and `make fuzz`."""
