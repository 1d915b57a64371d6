# Import a workflow from file
./manage.sh --action import-workflow --workflow my-workflow.json

# Execute a workflow
./manage.sh --action execute-workflow --workflow workflow.json

# Execute with custom output directory
./manage.sh --action execute-workflow --workflow workflow.json --output /path/to/output

# Validate workflow requirements
./manage.sh --action import-workflow --workflow workflow.json
