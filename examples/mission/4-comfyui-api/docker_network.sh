# Create shared network (if needed)
docker network create comfyui-network

# Connect containers to shared network
docker network connect comfyui-network comfyui
docker network connect comfyui-network your-other-container

# Use container name for communication
curl http://comfyui:8188/system_stats
