"""How point incidents are read, located and counted."""
