"""Files for rbldnsd: dnset for names, ip4trie and ip6trie for addresses."""
