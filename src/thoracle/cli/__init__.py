"""The command thoracle: thin commands with lazy imports."""
