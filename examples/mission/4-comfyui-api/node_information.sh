# Get available nodes
curl http://localhost:8188/object_info

# Get specific node info
curl http://localhost:8188/object_info/CheckpointLoaderSimple
