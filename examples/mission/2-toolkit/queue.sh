comfygen queue --verbose
