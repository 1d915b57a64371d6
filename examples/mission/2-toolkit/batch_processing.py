from pathlib import Path

# --- as documented
from comfy_gen.client import ComfyUIClient
from comfy_gen.queue_manager import QueueManager
from comfy_gen.workflow_manager import WorkflowManager

client = ComfyUIClient(host="127.0.0.1", port=8188)
workflow_mgr = WorkflowManager()

# Create queue manager
queue_mgr = QueueManager(
    client,
    max_concurrent=3,
    retry_on_failure=True,
    max_retries=3
)

# Setup callbacks
queue_mgr.on('job_completed', lambda job: print(f"✓ {job.job_id}"))
queue_mgr.on('job_failed', lambda job: print(f"✗ {job.job_id}: {job.error}"))

# Load and queue workflows
workflow = workflow_mgr.load_workflow(Path("workflows/base.json"))

for i in range(10):
    modified = workflow.copy()
    workflow_mgr.update_node_input(modified, "3", "seed", 12345 + i)
    queue_mgr.add_job(f"job_{i}", modified)

# Process
queue_mgr.start()
queue_mgr.wait_for_completion()
queue_mgr.stop()

# Get statistics
stats = queue_mgr.get_statistics()
print(f"Completed: {stats['completed']}, Failed: {stats['failed']}")
