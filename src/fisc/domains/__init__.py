"""The modules of the bureau's work; they never import each other."""
