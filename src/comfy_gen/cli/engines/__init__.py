"""``comfygen engines``: the engines that jobs run on."""
