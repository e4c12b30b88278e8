"""Parts of pages: the views of a run, and what one operates it with."""
