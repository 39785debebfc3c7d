"""Work in the background: tasks of all kinds, one worker's at a time, their progress shown."""
