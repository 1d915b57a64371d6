comfygen send workflows/my_workflow.json --wait
