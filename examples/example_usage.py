#!/usr/bin/env python3
"""What the toolkit is used for: a check, a template, progress, and several pictures by a queue."""

from comfy_gen.client import ComfyUIClient
from comfy_gen.queue_manager import QueueManager
from comfy_gen.workflow_manager import WorkflowManager

manager = WorkflowManager()
workflow = manager.load_workflow("sd15")  # a file, or a shipped template's name


def check(client):
    """Ask the engine for everything that stands against the workflow."""
    is_valid, errors = manager.validate_workflow(workflow, engine=client)
    print("The workflow is valid" if is_valid else f"The workflow is not valid: {errors}")


def make_template():
    """Give names to what changes from one picture to the next."""
    node_id = manager.find_nodes_by_type(workflow, "KSampler")[0]
    places = {name: {"node_id": node_id, "input_name": name} for name in ("seed", "steps")}
    places["prompt"] = {"node_id": "2", "input_name": "text"}
    manager.create_template("picture", workflow, places)


def follow(client):
    """Make one picture, and tell how it goes."""
    client.on("progress", lambda message: print(f"Step {message['data']['value']} of {message['data']['max']}"))
    client.connect_websocket()
    asked = manager.instantiate_template("picture", {"prompt": "a lighthouse at dusk", "seed": 1, "steps": 4})
    client.wait_for_completion(client.queue_prompt(asked)["prompt_id"])


def make_several(client):
    """Make some more, two at a time; what fails by the engine's fault is tried again."""
    queue = QueueManager(client, max_concurrent=2)
    for seed in range(2, 5):
        asked = manager.instantiate_template("picture", {"prompt": "a paper boat", "seed": seed, "steps": 4})
        queue.add_job(f"boat-{seed}", asked)
    queue.start()
    queue.wait_for_completion()
    queue.stop()
    print(f"Completed: {queue.get_statistics()['completed']}")


with ComfyUIClient(host="127.0.0.1", port=8188) as client:
    check(client)
    make_template()
    follow(client)
    make_several(client)
