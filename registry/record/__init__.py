"""The record of a graduate: destinations version by version, the confirmation, the lock."""
