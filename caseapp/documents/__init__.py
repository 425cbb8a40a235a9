"""Documents of a case: upload, list, viewer and download."""
