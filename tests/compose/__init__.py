"""`make compose-test`: docker-compose.yml on a real engine, from its first start to a first case over HTTPS."""
