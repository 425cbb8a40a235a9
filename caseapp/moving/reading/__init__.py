"""Reading of other systems' files: from bytes to a checked list of what each row would create.

It uses no Django, no key and no database: `caseapp import --dry-run` runs it without an office.
"""
