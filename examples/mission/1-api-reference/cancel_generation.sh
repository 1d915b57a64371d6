# Cancel all jobs
python3 scripts/cancel_generation.py

# List queue
python3 scripts/cancel_generation.py --list

# Cancel specific prompt
python3 scripts/cancel_generation.py --prompt-id <id>
