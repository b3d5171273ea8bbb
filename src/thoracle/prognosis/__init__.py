"""Patient charts over time: what was known when, and the risk that follows from it."""
