"""Calendar: hearings and deadlines of four weeks, by day."""
