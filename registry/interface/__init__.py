"""The interface with systems of the provinces: keys, records pushed, the feed of what happened."""
