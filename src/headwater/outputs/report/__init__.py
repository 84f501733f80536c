"""The report of a window: one page that opens anywhere, or a text for mail."""
