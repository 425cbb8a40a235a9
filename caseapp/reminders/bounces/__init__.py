"""Reading of bounced mail and its consequences."""
