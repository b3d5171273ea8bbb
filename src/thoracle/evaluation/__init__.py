"""Metrics, intervals, calibration and thresholds, in NumPy and SciPy."""
