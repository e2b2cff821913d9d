"""The domain modules that are switched on: the one line a new module touches outside its folder."""

MODULES: tuple[str, ...] = (
    "fisc.domains.projects",
    "fisc.domains.budget",
    "fisc.domains.treasury",
    "fisc.domains.revenue",
    "fisc.domains.narrative",
    "fisc.domains.standards",
    "fisc.domains.preparation",
    "fisc.domains.guarantees",
    "fisc.domains.austerity",
    "fisc.domains.scenarios",
    "fisc.domains.progress",
)
