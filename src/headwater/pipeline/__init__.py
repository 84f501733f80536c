"""The verbs that chain rooms: ingest, orient, hunt. The only place where they meet."""
