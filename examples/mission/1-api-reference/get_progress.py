# Where `await` may stand, with the tools of the MCP server as functions.
import time

# --- as documented
# Start generation
result = await generate_image(prompt="...", json_progress=False)
prompt_id = result["prompt_id"]

# Poll for progress
while True:
    progress = await get_progress(prompt_id)
    if progress["status"] == "completed":
        break
    time.sleep(2)
