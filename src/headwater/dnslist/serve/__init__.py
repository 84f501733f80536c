"""The shells around the answers: sockets, processes, files, counters."""
