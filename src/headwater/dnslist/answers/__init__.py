"""Pure answers: which zone, what it says, in bytes; one query or a batch at a time."""
