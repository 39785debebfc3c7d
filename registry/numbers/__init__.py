"""Verification and transfer numbers: who may be looked up, by which number, until when."""
