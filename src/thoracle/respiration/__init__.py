"""Breathing signals: their quality, breaths, measures and patterns."""
