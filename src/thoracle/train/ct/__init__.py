"""Training of networks that segment chest CT: cases, crops, networks, the loop, packing."""
