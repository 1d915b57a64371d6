import json

from comfy_gen.client import ComfyUIClient

with open("workflow.json") as file, ComfyUIClient(port=8188) as another:
    prompt_id = another.queue_prompt(json.load(file))["prompt_id"]

# --- as documented
from pathlib import Path

# Upload image
client = ComfyUIClient()
result = client.upload_image(Path("input_image.png"))

# Download generated images
from comfy_gen.utils import extract_output_images

history = client.wait_for_completion(prompt_id)
images = extract_output_images(history)

for img in images:
    image_data = client.get_image(
        img['filename'],
        subfolder=img['subfolder'],
        folder_type=img['type']
    )

    with open(f"output_{img['filename']}", 'wb') as f:
        f.write(image_data)
