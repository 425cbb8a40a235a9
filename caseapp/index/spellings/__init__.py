"""The sounds of names, and the readings in Latin letters of names in other scripts. Pure, without Django."""
