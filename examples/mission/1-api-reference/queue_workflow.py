from generate import load_workflow, queue_workflow, wait_for_completion

workflow = load_workflow("workflows/sd15.json")

# --- as documented
prompt_id = queue_workflow(workflow)
if prompt_id:
    print(f"Queued as {prompt_id}")
    status = wait_for_completion(prompt_id)
