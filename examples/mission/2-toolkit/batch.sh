comfygen batch workflows/ --timeout 600
