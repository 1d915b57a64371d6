python3 scripts/list_images.py
