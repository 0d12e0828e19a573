"""``python -m rules_service.cli``."""

from rules_service.cli.main import main

if __name__ == "__main__":
    main()
