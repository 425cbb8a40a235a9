"""Development tools: benches, seal scan, style guide, installer and checks of the code."""
