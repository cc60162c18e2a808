"""What keeps the product from starting here, said to the person at the terminal."""


class Problem(Exception):  # noqa: N818 - it is shown as a sentence, not raised to be caught by name
    """The message is Chinese and says what to do next."""
