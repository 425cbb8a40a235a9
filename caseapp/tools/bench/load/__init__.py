"""The load of a working office: people who sign in, read, search and save for minutes, with time to think."""
