"""Cases: the case list, the case page, notes, tasks, sharing, closing and destruction."""
