"""Use cases: one function for each thing a user asks for."""
