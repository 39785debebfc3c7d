"""The official code tables of the field and what their codes mean; pure, no database."""
