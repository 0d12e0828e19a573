"""For those who write rules: rule tests, their coverage, and mutation of the rules."""
