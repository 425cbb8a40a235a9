"""Lines about people: their facts, and why two may be the same."""
