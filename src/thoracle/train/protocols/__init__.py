"""The five papers' protocols: what films, which networks, how trained, what they published."""
