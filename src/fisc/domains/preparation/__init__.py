"""预算编制: the round of a budget year in two ups and two downs, from the units' asks to the reply."""
