"""Delivery: claims from the ledger, calls to WeChat, and what came of each."""
