"""One account's state and its step: fold(entries) -> Book; step(Book, input) -> (entries, commands)."""
