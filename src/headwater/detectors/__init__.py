"""One opinion per file: a question beside a pure judgement of its answer."""
