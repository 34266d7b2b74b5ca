"""Code: copies that survive renaming, reformatting and light rewriting, and their licences."""
