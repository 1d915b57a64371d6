"""What a recipe is made of: which categories, workflow, model, LoRAs, settings and words. Pure."""
