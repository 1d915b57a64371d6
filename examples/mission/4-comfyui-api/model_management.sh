# Download default models (SDXL base + VAE)
./manage.sh --action download-models

# List installed models
./manage.sh --action list-models

# Check model status and integrity
./manage.sh --action status
