"""Lists asked over DNS: zones and their answers (pure), snapshots, the server."""
