"""What `./run` does once the environment stands: services, supervisor, tests, checks. Never imported by the program."""
