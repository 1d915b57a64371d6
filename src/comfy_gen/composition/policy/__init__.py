"""What texts may ask for. Pure."""
