"""What is known of a domain: which facts hold, how old it is, what has changed. Pure."""
