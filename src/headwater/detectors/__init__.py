"""One opinion per file: a question in SQL and a pure judgement of its answer."""
