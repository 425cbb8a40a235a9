"""Readers of CSV and XLSX files: from bytes to rows of text."""
