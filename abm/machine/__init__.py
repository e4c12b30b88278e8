"""What knows nothing of education: compiled loops, random streams, rows, errors, checked values, files."""
