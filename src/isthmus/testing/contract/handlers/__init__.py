"""The handlers of the contract app: neutral, and each records what it saw in the table `Seen`."""
