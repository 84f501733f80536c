"""Columns of any type that a table of flows may come with, into numbers and addresses."""
