"""Networks that tell breathing patterns apart."""
