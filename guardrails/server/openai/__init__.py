"""The shapes of OpenAI's and Anthropic's APIs, and the proxy that judges what goes by in them.

What any door on HTTP needs is free of HTTP and of third-party packages:

- ``routes.find(method, path)`` gives the ``Route`` of a request, or None;
- ``bodies.parse(data)`` reads a body, ``bodies.written(body)`` writes one;
- ``route.read(body)`` gives a ``Reading`` of a request: ``parts`` that are judged, ``unjudged``,
  ``unknown`` fields, and ``written(parts)``, the body with other parts (the very object where
  nothing changed);
- ``route.answers(body)`` gives a ``Reading`` for each answer of a response (n choices are n
  answers), ``route.withheld`` the body in which an answer is replaced, ``route.refusal`` a whole
  response, and ``streaming.refusal_events`` a whole stream, in the place of one;
- ``streaming.StreamRewriter`` takes the bytes of a streamed response, and gives those to pass on;
- ``judging.Judge`` puts all of it together: prompt in, verdict out, answer in, answer out.
"""
