comfygen validate workflows/my_workflow.json
