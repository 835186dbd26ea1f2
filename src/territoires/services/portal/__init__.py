"""The doors of the platform: public home, "find my commune", "verify a document", the desk, the operator's console.

For everybody: the citizen who looks for a commune, the agent who wants to know what waits, the operator who wants to
sleep at night. Words: *desk* (what waits for me), *console* (what the operator watches), *dead letter*.
"""
