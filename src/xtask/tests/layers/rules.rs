//! The table of `design.md` 2 as data: what each crate may depend on and what it must never name.

/// What one crate must not do.
pub(crate) struct Layer {
    pub(crate) package: &'static str,
    /// Its folder below the root.
    pub(crate) folder: &'static str,
    /// The crates of ours it may depend on.
    pub(crate) ours: &'static [&'static str],
    /// Path roots its code and its manifest must not name.
    pub(crate) never: &'static [&'static str],
    /// Path roots that only the files under one of these paths may name.
    pub(crate) only: &'static [Only],
}

/// Names that have a place of their own inside a crate.
pub(crate) struct Only {
    pub(crate) names: &'static [&'static str],
    pub(crate) places: &'static [&'static str],
}

pub(crate) const LAYERS: &[Layer] = &[
    Layer {
        package: "wire",
        folder: "src/wire",
        ours: &[],
        never: &[
            "axum",
            "hyper",
            "http",
            "tower",
            "leptos",
            "sqlx",
            "tokio",
            "futures",
            "async_trait",
            "tracing",
            "argon2",
            "jsonwebtoken",
            "aws_lc_rs",
            "rand",
            "std::env",
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::thread",
            "std::time::SystemTime",
            "std::time::Instant",
        ],
        only: &[],
    },
    Layer {
        package: "auth",
        folder: "src/auth",
        ours: &["wire"],
        never: &[
            "axum",
            "axum_extra",
            "http",
            "hyper",
            "tower",
            "tower_http",
            "tower_sessions",
            "leptos",
            "lettre",
            "askama",
            "std::env",
        ],
        only: &[Only {
            names: &["sqlx"],
            places: &["src/store.rs", "src/store/"],
        }],
    },
    Layer {
        package: "mail",
        folder: "src/mail",
        ours: &["auth", "wire"],
        never: &[
            "axum",
            "axum_extra",
            "leptos",
            "sqlx",
            "argon2",
            "jsonwebtoken",
            "std::env",
        ],
        only: &[],
    },
    Layer {
        package: "app",
        folder: "app",
        ours: &["auth", "wire"],
        never: &[
            "sqlx",
            "argon2",
            "jsonwebtoken",
            "lettre",
            "askama",
            "std::env",
        ],
        only: &[Only {
            names: &["auth", "axum", "leptos_axum", "tower_sessions"],
            places: &["src/server.rs", "src/server/"],
        }],
    },
    Layer {
        package: "hydrate",
        folder: "app/hydrate",
        ours: &["app"],
        never: &["auth", "axum", "leptos_axum", "sqlx", "tokio", "std::env"],
        only: &[],
    },
    Layer {
        package: "portal",
        folder: "src/portal",
        ours: &["app", "auth", "mail", "wire"],
        never: &["sqlx", "argon2", "jsonwebtoken", "rusqlite"],
        only: &[Only {
            names: &["std::env"],
            places: &["src/config.rs", "src/config/"],
        }],
    },
    // Other people's services are built with it: none of our core, and nothing a service may have another version of.
    Layer {
        package: "gatehouse-axum",
        folder: "clients/rust",
        ours: &[],
        never: &[
            "auth",
            "wire",
            "sqlx",
            "argon2",
            "leptos",
            "lettre",
            "jsonwebtoken",
            "rand",
            "std::env",
        ],
        only: &[],
    },
];
