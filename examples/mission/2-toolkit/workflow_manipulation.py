from pathlib import Path

from comfy_gen.workflow_manager import WorkflowManager

workflow_mgr = WorkflowManager()
workflow = workflow_mgr.load_workflow("workflow.json")

# --- as documented
# Find nodes by type
ksampler_nodes = workflow_mgr.find_nodes_by_type(workflow, "KSampler")

# Update node inputs
workflow_mgr.update_node_input(workflow, "3", "seed", 99999)
workflow_mgr.update_node_input(workflow, "3", "steps", 30)

# Get workflow info
info = workflow_mgr.get_workflow_info(workflow)
print(f"Total nodes: {info['total_nodes']}")
print(f"Node types: {info['node_types']}")

# Save modified workflow
workflow_mgr.save_workflow(workflow, Path("modified.json"))
