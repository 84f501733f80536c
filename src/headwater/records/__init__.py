"""The nouns every room shares: frozen values, table shapes, settings, errors. No I/O."""
