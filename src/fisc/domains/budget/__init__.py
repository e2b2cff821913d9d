"""预算指标: approved budget, allotments, supplements, cuts, virements and freezes."""
