"""What we talk about: the words of the project. Standard library only."""
