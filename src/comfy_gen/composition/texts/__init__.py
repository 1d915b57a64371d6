"""What a person wrote: which categories it names or means, and what it does not want. Pure but for its loaders."""
