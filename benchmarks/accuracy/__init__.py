"""How right the answers are: worlds with a known truth, put through the real pipeline."""
