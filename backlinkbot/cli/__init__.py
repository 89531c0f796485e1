"""The subcommands other than crawls, one module each, with a function ``add(commands)``."""
