"""The views. Each translates, makes a call down, and translates back."""
