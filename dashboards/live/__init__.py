"""A run as it is played, step by step, and what of it goes to a visitor's page."""
