"""What is done with a picture that is not good enough. Strangers to the engines: words and numbers only."""
