from generate import get_available_models, load_workflow, validate_workflow_models

# --- as documented
workflow = load_workflow("workflows/flux-dev.json")
models = get_available_models()
is_valid, missing, suggestions = validate_workflow_models(workflow, models)

if not is_valid:
    for model_type, model_name in missing:
        print(f"Missing {model_type}: {model_name}")
        if model_name in suggestions:
            print(f"  Try: {suggestions[model_name]}")
