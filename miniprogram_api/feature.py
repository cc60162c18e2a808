from backend.core.features import Feature

feature = Feature(
    name="miniprogram_api",
    blueprints=(
        "miniprogram_api.routes:public",
        "miniprogram_api.routes:worker",
        "miniprogram_api.docs:blueprint",
        "miniprogram_api.links:blueprint",
        "miniprogram_api.privacy:blueprint",
        "miniprogram_api.maps:blueprint",
        "miniprogram_api.pages:blueprint",
    ),
)
