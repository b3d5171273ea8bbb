"""Breathing of known truth: simulators, and readers of annotated collections."""
