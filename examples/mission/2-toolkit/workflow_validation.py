from pathlib import Path

from comfy_gen.workflow_manager import WorkflowManager

# --- as documented
workflow_mgr = WorkflowManager()
workflow = workflow_mgr.load_workflow(Path("workflow.json"))

is_valid, errors = workflow_mgr.validate_workflow(workflow)
if not is_valid:
    for error in errors:
        print(f"Error: {error}")
