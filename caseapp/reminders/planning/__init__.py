"""Planning of reminder days: plans, the outbox, reassignment and the nightly census."""
