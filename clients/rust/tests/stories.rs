//! What a service experiences behind the middleware, told against a portal in miniature over real HTTP on loopback.

#[path = "stories/api_keys.rs"]
mod api_keys;
#[path = "stories/feed.rs"]
mod feed;
#[path = "stories/guards.rs"]
mod guards;
#[path = "stories/hostile.rs"]
mod hostile;
#[path = "stories/keys.rs"]
mod keys;
#[path = "stories/portal.rs"]
mod portal;
#[path = "stories/service.rs"]
mod service;
#[path = "stories/sign.rs"]
mod sign;
