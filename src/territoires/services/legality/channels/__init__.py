"""The ways to the State, as the bus knows them: ``ministry`` and ``s2low`` deliver and collect, ``answers`` reads what came."""
