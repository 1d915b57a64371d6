from generate import get_available_models

# --- as documented
models = get_available_models()
if models:
    print(f"Available checkpoints: {models['checkpoints']}")
