# Where `await` may stand, with the tools of the MCP server as functions.

# --- as documented
result = await generate_image(
    prompt="a sunset over mountains",
    output_path="/tmp/sunset.png",
    json_progress=True
)

# Result includes:
# - url: MinIO URL for web access
# - local_path: Local file path
# - progress_updates: List of all progress events
