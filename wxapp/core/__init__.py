"""What every page stands on: sessions, who is asking, the database, headers, errors, logs."""
