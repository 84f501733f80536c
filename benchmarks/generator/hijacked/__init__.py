"""Hijacked hosts, those who drive them, and those who look for them."""
