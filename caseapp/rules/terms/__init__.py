"""The nouns of the law as values: calendars, counts, packs, inputs and results. No rule is applied here."""
