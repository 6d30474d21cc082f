"""The builder: Python that reads like the workflow, and comes to a document of the States Language."""
