"""The exceptions for input that a person can mend."""


class InputError(ValueError):
    """Bad input: the message names the rule, the value and the remedy.

    The command lines print it and exit with code 2; the app shows it in place and goes on.
    """


class DataError(InputError):
    """Data that cannot be read or trained on; the message names the rule, the value that breaks it and the remedy."""
