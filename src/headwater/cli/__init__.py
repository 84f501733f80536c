"""Commands and the wiring of every room: the only place with real clocks and directories."""
