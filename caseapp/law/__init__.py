"""Pages about the law the office computes dates with: the rules, their confirmation and the office's own rules."""
