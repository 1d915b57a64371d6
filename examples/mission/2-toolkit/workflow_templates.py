from comfy_gen.workflow_manager import WorkflowManager
from pathlib import Path

workflow_mgr = WorkflowManager()

# Load base workflow
base_workflow = workflow_mgr.load_workflow(Path("workflows/base.json"))

# Create template
workflow_mgr.create_template(
    name="text_to_image",
    workflow=base_workflow,
    parameters={
        "prompt": {"node_id": "6", "input_name": "text"},
        "negative_prompt": {"node_id": "7", "input_name": "text"},
        "seed": {"node_id": "3", "input_name": "seed"},
        "steps": {"node_id": "3", "input_name": "steps"},
        "cfg": {"node_id": "3", "input_name": "cfg"}
    }
)

# Use template
workflow = workflow_mgr.instantiate_template(
    "text_to_image",
    {
        "prompt": "a beautiful sunset over mountains",
        "negative_prompt": "blurry, low quality",
        "seed": 42,
        "steps": 25,
        "cfg": 7.5
    }
)
