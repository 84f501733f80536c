"""Worlds to be judged in, and the measurements taken there."""
