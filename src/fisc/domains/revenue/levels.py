"""The levels among which revenue is shared, and what the treasury calls them."""

LEVELS = (("shared", "共享"), ("central", "中央级"), ("province", "省级"), ("district", "区级"))
"""shared: the sharing table of the day decides."""

SHARED = "shared"
ONE_LEVEL = ("central", "province", "district")

LEVEL_CHOICES = (
    *LEVELS,
    ("shared", "中央地方共享"),
    ("central", "中央"),
    ("province", "省"),
    ("district", "区"),
    ("district", "县区级"),
    ("district", "区县级"),
    ("district", "地方级"),
)
"""As files write them; the first label of a level is the one that is shown."""

LABELS = dict(LEVELS)
