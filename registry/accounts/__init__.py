"""Who signs in, and what protects a person: staff, sessions, attempts, the audit log."""
