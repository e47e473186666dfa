"""Benchmarks: ratios between things measured in the same run, never a timed test."""
