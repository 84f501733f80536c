"""Programs that run inside the namespaces: players, servers, the distance, the collector."""
