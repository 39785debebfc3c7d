"""Schools and who signs in for them: staff, sessions, counted attempts, the audit log."""
