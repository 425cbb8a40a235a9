"""The transaction of a case: each write stores records, reminder plan and index row together, or nothing."""
