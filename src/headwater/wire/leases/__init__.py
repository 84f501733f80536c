"""Files that say who held which address when, one format a file."""
