"""Telling people: messages, campaigns, their ledger and delivery; knows neither Flask nor RQ."""
