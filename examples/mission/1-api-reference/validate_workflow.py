# Where `await` may stand, with the tools of the MCP server as functions.

# --- as documented
# Validate before generating
validation = await validate_workflow(
    model="sd15",
    prompt="test",
    width=512,
    height=512
)

if validation["is_valid"]:
    # Proceed with generation
    result = await generate_image(...)
else:
    print(f"Errors: {validation['errors']}")
