python3 scripts/set_bucket_policy.py
