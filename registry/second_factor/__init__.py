"""What staff prove beside a password (二次验证): codes by time, backup codes, the reset by two."""
