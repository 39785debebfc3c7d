"""What every rule stands on: database, crypto, files, paging, text, clock, errors."""
