"""Commands and the wiring of every room. The only place where real clocks and directories are made."""
