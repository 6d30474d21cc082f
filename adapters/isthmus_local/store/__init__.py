"""What lasts: one SQLite file and the objects' files, and the verbs over them."""
