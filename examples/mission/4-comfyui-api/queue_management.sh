# Get queue status
curl http://localhost:8188/queue

# Clear queue
curl -X POST http://localhost:8188/queue \
  -H "Content-Type: application/json" \
  -d '{"clear": true}'

# Cancel specific execution
curl -X POST http://localhost:8188/interrupt
