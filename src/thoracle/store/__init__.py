"""Stored results: SQLAlchemy, migrations and files."""
