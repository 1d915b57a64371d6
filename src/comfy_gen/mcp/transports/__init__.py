"""The ways to a service: over the network, or within this process."""
