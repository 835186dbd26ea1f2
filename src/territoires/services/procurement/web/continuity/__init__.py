"""Pages of what lets procurement go on: the availability log, incidents, the switch, packages."""
