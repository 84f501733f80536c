"""A small internet in network namespaces, with real proxies, mail and exporters, and its truth."""
