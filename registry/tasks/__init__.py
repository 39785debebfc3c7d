"""Work in the background that a page asked for: one worker's at a time, its progress shown."""
