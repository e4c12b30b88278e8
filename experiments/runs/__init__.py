"""Runs and what they leave: a chunk of them, its files, and what their keys depend on."""
