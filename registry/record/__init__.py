"""The record: schools, graduates, and their destinations, version by version."""
