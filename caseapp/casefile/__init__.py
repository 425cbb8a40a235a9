"""One function per act that spans rooms. Each owns its transaction: records, plan row and index part, or nothing."""
