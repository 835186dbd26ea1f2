"""What the shell of every page shows: platform, organisation, navigation."""


def shell(request):
    return {}
