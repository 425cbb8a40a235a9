"""Views of the app `law`."""
