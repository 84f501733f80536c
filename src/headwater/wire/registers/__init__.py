"""Published registers as data files, with source and date; made by tools/."""
