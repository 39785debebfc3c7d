"""The record: schools, graduates, what they registered and confirmed; knows no web or queue."""
