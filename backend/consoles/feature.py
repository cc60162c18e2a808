from backend.core.features import Feature

feature = Feature(
    name="consoles",
    blueprints=(
        "backend.consoles.sign_in:blueprint",
        "backend.consoles.home:blueprint",
        "backend.consoles.claims:blueprint",
        "backend.consoles.accesses:blueprint",
        "backend.consoles.picks:blueprint",
        "backend.consoles.platform:blueprint",
        "backend.consoles.places:blueprint",
        "backend.consoles.checkpoint:shell",
        "backend.consoles.checkpoint:api",
        "backend.consoles.transfers:blueprint",
        "backend.consoles.roster:blueprint",
        "backend.consoles.roster:exports",
        "backend.consoles.imports:blueprint",
        "backend.consoles.workers:blueprint",
        "backend.consoles.findings:blueprint",
        "backend.consoles.evidence:blueprint",
        "backend.consoles.evidence:exports",
        "backend.consoles.evidence_records:blueprint",
        "backend.consoles.evidence_about:workers",
        "backend.consoles.evidence_about:of_transfers",
        "backend.consoles.maps:blueprint",
    ),
)
