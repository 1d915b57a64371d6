import requests
import json
import time

class ComfyUIClient:
    def __init__(self, server_address="http://localhost:8188"):
        self.server_address = server_address
    
    def submit_workflow(self, workflow, client_id="python-client"):
        """Submit workflow for execution"""
        payload = {
            "client_id": client_id,
            "prompt": workflow
        }
        
        response = requests.post(f'{self.server_address}/prompt', json=payload)
        return response.json()['prompt_id']
    
    def get_history(self, prompt_id):
        """Get execution history"""
        response = requests.get(f'{self.server_address}/history/{prompt_id}')
        return response.json()
    
    def wait_for_completion(self, prompt_id, timeout=300):
        """Wait for workflow completion"""
        start_time = time.time()
        
        while time.time() - start_time < timeout:
            history = self.get_history(prompt_id)
            if prompt_id in history:
                return history[prompt_id]
            time.sleep(1)
        
        raise TimeoutError(f"Workflow {prompt_id} did not complete within {timeout}s")

# Usage example
client = ComfyUIClient()

# Load workflow
with open('workflow.json', 'r') as f:
    workflow = json.load(f)

# Submit and wait for completion
prompt_id = client.submit_workflow(workflow)
result = client.wait_for_completion(prompt_id)
print(f"Workflow completed: {result}")
