"""Gene-set collections, read from files, tables and libraries."""
