"""Doors in: capture files, tables and lists, read in bounded pieces and handed on."""
