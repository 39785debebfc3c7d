"""A whole Quxiang on one machine, for the demo and the tour: settings, people, processes."""
