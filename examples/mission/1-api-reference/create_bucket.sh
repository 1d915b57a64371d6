python3 scripts/create_bucket.py
