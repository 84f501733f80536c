"""Headwater: where spam really comes from, and who can stop it."""

__version__ = "0.1.0"
