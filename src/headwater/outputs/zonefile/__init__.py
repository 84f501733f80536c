"""Plain zone files (RFC 1035 section 5) for NSD, Knot, BIND, PowerDNS."""
