"""How fast imports, sessions and hunts are, beside nfdump on the same flows."""
