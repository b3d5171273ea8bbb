"""What every layer shares: results, provenance, errors, array types, settings, safe writing."""
