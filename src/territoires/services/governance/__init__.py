"""Members, people, roles and mandates of the grouping and of each member; the territory they stand on.

For the operator, who keeps the members and the territory, and for the administrators of each organisation, who keep
their own people. Texts: CGCT L.5721-1 and following (open mixed syndicates), L.2113-1 and following (new communes),
GDPR article 5 (access only as long as needed). Words: *membre*, *collège*, *mandat*, *millésime* (docs/glossary.md).
"""
