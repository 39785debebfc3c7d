"""The HTTP doors: the platform's calls, control, and the pages people see."""
