"""synthkit: synthetic data with the evidence."""
