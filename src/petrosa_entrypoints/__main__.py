"""``python -m petrosa_entrypoints`` is ``petrosa``."""

from petrosa_entrypoints.cli import main

if __name__ == "__main__":
    main()
