from generate import find_model_fallbacks, get_available_models

# --- as documented
models = get_available_models()
fallbacks = find_model_fallbacks("custom-model.safetensors", models, "checkpoints")
print(f"Suggested alternatives: {fallbacks}")
