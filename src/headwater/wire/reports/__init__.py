"""Abuse reports out of mails: one opinion per file, tried in the order ``order`` states."""
