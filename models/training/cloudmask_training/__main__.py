"""`python -m cloudmask_training <command>`."""

from cloudmask_training.commands import main

main()
