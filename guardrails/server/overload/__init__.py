"""What holds when there is more to do than can be done."""
