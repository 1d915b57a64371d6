from comfy_gen.client import ComfyUIClient
from comfy_gen.workflow_manager import WorkflowManager
from pathlib import Path

# Initialize client
client = ComfyUIClient(host="127.0.0.1", port=8188)

# Load and send workflow
workflow_mgr = WorkflowManager()
workflow = workflow_mgr.load_workflow(Path("workflows/my_workflow.json"))

response = client.queue_prompt(workflow)
prompt_id = response['prompt_id']

# Wait for completion
history = client.wait_for_completion(prompt_id)
print("Workflow completed!")
