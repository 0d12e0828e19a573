"""Bundles in memory: which ones there are, which one answers, and how new ones take over."""
