"""Manifests of films: readers, harmonized labels, near-duplicates and splits."""
