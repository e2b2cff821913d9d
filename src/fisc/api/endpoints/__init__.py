"""The operations, one file per thing they are about. Each translates, makes one call down, translates back."""
