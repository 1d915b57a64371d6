from generate import get_retry_params, load_workflow, modify_prompt, modify_sampler_params

workflow = load_workflow("workflows/sd15.json")

# --- as documented
# Get parameters for second attempt using progressive strategy
params = get_retry_params(
    attempt=2,
    strategy='progressive',
    base_steps=30,
    base_cfg=7.0,
    base_seed=42,
    base_prompt="a sunset",
    base_negative="blurry"
)
# Returns: {'steps': 50, 'cfg': 7.5, 'seed': <random>, 'positive_prompt': "a sunset", 'negative_prompt': "blurry"}

# Apply to workflow
workflow = modify_sampler_params(workflow, steps=params['steps'], cfg=params['cfg'], seed=params['seed'])
workflow = modify_prompt(workflow, params['positive_prompt'], params['negative_prompt'])
