"""Bytes or text to records and back. Pure: no sockets, files, clocks or logs."""
