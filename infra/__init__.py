"""The reference app's declaration (`app.py`) and its Pulumi program (`__main__.py`)."""
