python3 scripts/start_comfyui.py
