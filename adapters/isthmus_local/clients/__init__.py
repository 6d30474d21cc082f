"""The clients behind the links: each checks what it is given and asks the supervisor."""
