"""What a module says about itself, and the register of those that are installed."""
