git clone <repository-url>
cd comfy-gen
