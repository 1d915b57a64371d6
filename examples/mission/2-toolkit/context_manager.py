import json

from comfy_gen.client import ComfyUIClient

with open("workflow.json") as file:
    workflow = json.load(file)

# --- as documented
with ComfyUIClient(host="127.0.0.1", port=8188) as client:
    client.connect_websocket()
    response = client.queue_prompt(workflow)
    history = client.wait_for_completion(response['prompt_id'])
# WebSocket automatically disconnected
