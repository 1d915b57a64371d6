"""What categories are, where they are kept, and what is wrong with them."""
