"""Tests of the methods, most on functions whose answer is known."""
