"""The text of a WHOIS answer (RFC 3912) to facts: structure first, then words."""
