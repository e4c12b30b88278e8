"""What a study says of itself: figures and words of its runs, written as pages for browser and editor."""
