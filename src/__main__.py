"""`python -m sprint COMMAND`, the same as `sprint COMMAND`."""

from .commands import main

if __name__ == "__main__":
    main()
