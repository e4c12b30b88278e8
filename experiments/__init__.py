"""What we ask of the model: sweeps, sensitivity, boundaries, calibration. Imports abm only."""
