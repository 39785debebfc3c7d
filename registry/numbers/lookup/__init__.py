"""A receiver looks a number up: who may at once, who has to wait, and what is shown."""
