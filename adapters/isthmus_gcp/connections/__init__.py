"""The clients of Google's libraries, as they are made: a module for each, since each of them weighs on a bundle."""
