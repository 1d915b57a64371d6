import json

with open("workflow.json") as file:
    workflow = json.load(file)

# --- as documented
from comfy_gen.client import ComfyUIClient

client = ComfyUIClient(host="127.0.0.1", port=8188)
client.connect_websocket()

# Setup progress callback
def on_progress(data):
    value = data['data'].get('value', 0)
    max_val = data['data'].get('max', 100)
    print(f"Progress: {value}/{max_val}")

client.on('progress', on_progress)

# Send workflow...
response = client.queue_prompt(workflow)
history = client.wait_for_completion(response['prompt_id'])

client.disconnect_websocket()
