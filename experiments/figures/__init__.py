"""How figures look, and what those of all methods share."""
