"""What the service reaches on this machine, as ratios of runs taken side by side (`make bench`)."""
