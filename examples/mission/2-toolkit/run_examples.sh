python examples/example_usage.py
python examples/simple_script.py
