# Get generated image
curl "http://localhost:8188/view?filename=output_00001_.png&type=output"
