"""Response policy zones: what a resolver should not answer."""
