"""Rosters: reading a school's files, checking every row, and bringing them into the record."""
