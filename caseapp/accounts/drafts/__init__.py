"""Forms of a member: text that was typed and not saved, and forms that were saved, so that none is saved twice."""
