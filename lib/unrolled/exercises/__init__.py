"""Exercises: a check looks at the reader's answer, and its verdict is one line."""


def attempt(check, *args, law=None):
    """Print what check(*args) finds; an answer that is missing or wrong never stops the notebook.

    NotImplementedError, which an untouched stub raises, is "Not attempted."; any other exception is "Not yet: …" with
    its message, and the law that the answer should keep, if one is given. Otherwise the verdict is what the check
    returned, or "Right." where it returned nothing.
    """
    try:
        found = check(*args)
    except NotImplementedError:
        print("Not attempted.")
    except Exception as error:
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        print(f"Not yet: {kind}{error}", *([f"The law: {law}"] if law else []), sep="\n")
    else:
        print("Right." if found is None else found)
