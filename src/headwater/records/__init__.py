"""The nouns every room shares: frozen values, table shapes, settings, the tree of errors. No I/O."""
