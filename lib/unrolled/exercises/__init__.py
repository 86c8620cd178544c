"""Exercises: a check looks at the reader's answer, and its verdict is one line."""


def attempt(check, *args):
    """Print what check(*args) finds, in one line; an answer that is missing or wrong never stops the notebook.

    NotImplementedError, which an untouched stub raises, is "Not attempted."; any other exception is "Not yet: …" with
    its message. Otherwise the verdict is what the check returned, or "Right." where it returned nothing.
    """
    try:
        found = check(*args)
    except NotImplementedError:
        print("Not attempted.")
    except AssertionError as error:
        print(f"Not yet: {error}")
    except Exception as error:
        print(f"Not yet: {type(error).__name__}: {error}")
    else:
        print("Right." if found is None else found)
