"""Codecs: from what Google delivers to neutral events, and back."""
