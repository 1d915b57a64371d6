#!/bin/bash

# Submit workflow and capture prompt ID
# Mended: ComfyUI takes a workflow under "prompt"; workflow.json is the bare workflow, as it is exported. And without
# a "client_id" the history says nothing of the picture when the same workflow is sent a second time.
PROMPT_ID=$(jq '{client_id: "shell-script", prompt: .}' workflow.json | curl -s -X POST http://localhost:8188/prompt \
  -H "Content-Type: application/json" \
  -d @- | jq -r '.prompt_id')

echo "Submitted workflow: $PROMPT_ID"

# Wait for completion
while true; do
  STATUS=$(curl -s http://localhost:8188/history/$PROMPT_ID | jq -r 'keys | length')
  if [ "$STATUS" -gt 0 ]; then
    echo "Workflow completed!"
    break
  fi
  sleep 2
done

# Download generated images
# Mended: the name comes from the history, for output_00001_.png is the first picture ever made, not this one;
# and the URL is in quotes, for the shell ends a command at "&".
FILENAME=$(curl -s http://localhost:8188/history/$PROMPT_ID | jq -r 'first(.[].outputs[].images[0].filename)')
curl -s "http://localhost:8188/view?filename=$FILENAME&type=output" -o result.png
