"""A new card: inspection, capacity test, removal of files that an operating system left."""
