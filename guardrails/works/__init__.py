"""What must not be copied: works, their owners and terms, and how copies of them are found."""
