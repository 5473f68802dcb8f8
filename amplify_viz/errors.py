"""The one exception for input that a person can mend."""


class InputError(ValueError):
    """Bad input: the message names the rule, the value and the remedy.

    The command lines print it and exit with code 2; the app shows it in place and goes on.
    """
