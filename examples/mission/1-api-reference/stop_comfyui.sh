python3 scripts/stop_comfyui.py
