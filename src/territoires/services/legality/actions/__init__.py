"""The verbs of an act. Each is one function: it checks the right and the state, changes the act, leaves its fact.

``drafting``, ``filing``, ``signing``, ``publishing``, ``notifying`` and ``withdrawing`` hold the verbs; ``moving``,
``telling`` and ``waiting`` what every verb does: the step in the act's life, the words of its fact, the desk.
"""
