"""Acts of a public body: from draft to publication or notification, with the proof of each step.

For the secretary who prepares and publishes, the mayor or president who signs, and anybody who reads the public
register. Legal texts: CGCT L.2131-1 to L.2131-3 (executory character), R.2131-1 (publication on line, author's first
name, name and quality), ordonnance 2021-1310 and décret 2021-1311 (publication since 1 July 2022), CRPA L.221-8
(notification of individual decisions); norm @ctes, message 1-1, for numbers, objects, files and classification.

Words: an *act* is a decision (délibération, arrêté, convention...); its *nature* is one of six codes; its *matter*
(``matter_code``) is its place in the national classification, not to be mixed up with the journal's ``matter``,
which is the act's own id from end to end.
"""
