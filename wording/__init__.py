"""Every sentence that people read, with where it stands, and the words that are not used."""
