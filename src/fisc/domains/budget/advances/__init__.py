"""预拨、垫付: the few typed exceptions from no budget, no spending; they age and must be cleared."""
