"""RQ: the jobs, the processes that run them, and the clockwork that wakes them."""
