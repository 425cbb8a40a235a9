"""Client contact: consent, calls, texts and reminder sheets for hearings."""
