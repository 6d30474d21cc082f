"""The Google provider: Cloud Functions behind the services that send them events, deployed by Pulumi."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # a function's start does not pay for what deploys it
    from isthmus_gcp.gcp_provider import provider

__all__ = ["provider"]


def __getattr__(name: str) -> object:
    """Import the provider when somebody asks for it."""
    if name != "provider":
        raise AttributeError(f"module 'isthmus_gcp' has no attribute {name!r}", name=name, obj=None)
    from isthmus_gcp.gcp_provider import provider

    globals()[name] = provider
    return provider
