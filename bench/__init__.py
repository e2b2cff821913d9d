"""How fast the books are, as ratios of one run on one machine: `make bench`."""
