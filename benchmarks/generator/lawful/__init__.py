"""Life within the law: what networks are for, and what looks like a proxy but is none."""
