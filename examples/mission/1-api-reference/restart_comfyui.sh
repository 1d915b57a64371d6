python3 scripts/restart_comfyui.py
