"""How names sound, and how names in other scripts are read in Latin letters. Pure, without Django."""
