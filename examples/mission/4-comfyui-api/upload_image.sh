curl -X POST http://localhost:8188/upload/image \
  -F "image=@input.png" \
  -F "subfolder=inputs"
