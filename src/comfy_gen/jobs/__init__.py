"""The durable queue: what was accepted survives a restart, and every job ends once."""
