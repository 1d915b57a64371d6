./manage.sh --action execute-workflow --workflow workflow.json
