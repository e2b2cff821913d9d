"""年终: what is left of a year, kind by kind, carried into the next or taken back."""
