"""The page Map of outcomes: what becomes of a world at each pair of two settings, from a sweep."""
