"""A small internet in network namespaces: real proxies, mail and exporters, and its truth."""
