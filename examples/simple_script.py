#!/usr/bin/env python3
"""The shortest program: run a workflow on a ComfyUI, and save its picture."""

from comfy_gen.client import ComfyUIClient
from comfy_gen.utils import extract_output_images
from comfy_gen.workflow_manager import WorkflowManager

workflow = WorkflowManager().load_workflow("sd15")  # a file, or a shipped template's name

with ComfyUIClient(host="127.0.0.1", port=8188) as client:
    prompt_id = client.queue_prompt(workflow)["prompt_id"]
    (picture,) = extract_output_images(client.wait_for_completion(prompt_id))
    content = client.get_image(picture["filename"], picture["subfolder"], picture["type"])

with open("simple.png", "wb") as file:
    file.write(content)
print("Saved simple.png")
