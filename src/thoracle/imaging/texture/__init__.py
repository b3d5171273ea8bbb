"""Texture and shape of regions of films and volumes, as the IBSI defines them."""

__all__: list[str] = []
