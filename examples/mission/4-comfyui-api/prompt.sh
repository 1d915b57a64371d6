jq '{prompt: .}' workflow.json | curl -X POST http://localhost:8188/prompt \
  -H "Content-Type: application/json" \
  -d @-
