"""The DNS benchmark's parts: the names, the servers, the measuring."""
