"""Doors out: one folder per destination, rendering (pure) apart from delivering."""
