"""What we show: pages and lessons for a browser. Imports abm and experiments."""
