"""The JSONPath query language of the States Language."""
