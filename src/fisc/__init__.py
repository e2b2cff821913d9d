"""Fisc 财政一本账: one district's public money in one book."""

__version__ = "0.1.0"
