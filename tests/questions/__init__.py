"""Tests of the shipped questions and of the command that answers them."""
