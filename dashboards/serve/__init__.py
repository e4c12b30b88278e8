"""The server: what is in front of the pages, and what goes out beside them."""
