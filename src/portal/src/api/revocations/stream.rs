//! The feed as server-sent events: the first document at once, one on each change, one every five
//! seconds that says that nothing has changed.
//!
//! A document is made when the connection is ready to take it: nothing is kept for readers who are
//! slow, and one who does not read at all is let go by the connection (`serve/patience.rs`).

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use auth::{Client, FeedDocument, FeedError};
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::unfold;
use http::HeaderMap;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;
use wire::{Error, ErrorCode, FieldCode};

use super::number;
use crate::Portal;
use crate::api::body::{FromMembers, Reader};
use crate::api::problem::{Problem, ProblemDetails};
use crate::api::query::ReadQuery;
use crate::http::streams::Place;

/// How often something is sent when nothing has changed.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a stream is held open: whoever is gone without a word does not keep a place for ever.
const LIFE: Duration = Duration::from_secs(3600);
/// When to ask for a place again.
const FULL: u32 = 30;
const LAST_EVENT_ID: &str = "last-event-id";

/// From where on: a number, or the id of an event.
pub(crate) struct Beginning(Option<Point>);

/// A place in a stream; in whichever stream there is, where it is a bare number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Point {
    stream: Option<String>,
    seq: i64,
}

impl Point {
    fn parse(text: &str) -> Option<Self> {
        let (stream, seq) = match text.rsplit_once('.') {
            Some((stream, seq)) => (Some(stream.to_owned()), seq),
            None => (None, text),
        };
        Some(Self {
            stream,
            seq: number(seq)?,
        })
    }
}

impl FromMembers for Beginning {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let written = read.optional_text("since");
        let since = written.as_deref().and_then(Point::parse);
        if written.is_some() && since.is_none() {
            read.wrong("since", FieldCode::Invalid);
        }
        Self(since)
    }
}

/// The revocation feed as it happens.
///
/// Server-sent events named `revocations`, each with the id `<stream>.<seq>` and one signed document. An
/// event comes at once, on every change, and every five seconds.
#[utoipa::path(
    get, path = "/.well-known/revocations/stream", tag = "discovery",
    params(
        ("since" = Option<String>, Query, description = "A number, or the id of the last event; the header `Last-Event-ID` goes before it"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event"),
    ),
    responses(
        (status = 200, description = "Events", body = String, content_type = "text/event-stream"),
        (status = 400, description = "`invalid_request`: `since` is no number", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`: too many streams are open, poll meanwhile; `database_unavailable`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn stream(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    ReadQuery(Beginning(since)): ReadQuery<Beginning>,
) -> Result<Response, Problem> {
    let place = portal.streams.enter(&client.network()).ok_or_else(full)?;
    let last_event = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let since = last_event.and_then(Point::parse).or(since);
    // Before the first document is read: what changes in between is news.
    let news = portal.auth.follow_revocations();
    let first = beginning(&portal, since.as_ref()).await?;
    let following = Following {
        stop: portal.streams.stopping(),
        portal,
        news,
        sent: None,
        ready: Some(first),
        ends: Box::pin(sleep(LIFE)),
        _place: place,
    };
    let events = unfold(following, |following| following.next());
    Ok(([("x-accel-buffering", "no")], Sse::new(events)).into_response())
}

fn full() -> Problem {
    Problem(Error {
        retry_after: Some(FULL),
        ..ErrorCode::Overloaded.into()
    })
}

/// What came after a point, or the whole document where that is not possible.
async fn beginning(portal: &Portal, since: Option<&Point>) -> Result<FeedDocument, FeedError> {
    let whole = portal.auth.revocations(None).await?;
    let Some(since) = since else { return Ok(whole) };
    let is_other = |stream: &String| *stream != whole.stream;
    if since.stream.as_ref().is_some_and(is_other) || since.seq > whole.seq {
        return Ok(whole);
    }
    portal.auth.revocations(Some(since.seq)).await
}

/// One who follows.
struct Following {
    portal: Portal,
    news: watch::Receiver<i64>,
    stop: CancellationToken,
    ends: Pin<Box<Sleep>>,
    /// What was sent last.
    sent: Option<Point>,
    /// What is to be sent now.
    ready: Option<FeedDocument>,
    _place: Place,
}

impl Following {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(document) = self.ready.take() {
                let event = event(&document);
                self.sent = Some(Point {
                    stream: Some(document.stream),
                    seq: document.seq,
                });
                return Some((Ok(event), self));
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                () = &mut self.ends => return None,
                changed = self.news.changed() => changed.ok()?,
                () = sleep(HEARTBEAT) => {}
            }
            // Nothing is said while nothing is known: after fifteen seconds the other end takes the
            // feed for down.
            self.ready = beginning(&self.portal, self.sent.as_ref()).await.ok();
        }
    }
}

fn event(document: &FeedDocument) -> Event {
    Event::default()
        .event("revocations")
        .id(format!("{}.{}", document.stream, document.seq))
        .data(&*document.jws)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_number_or_the_id_of_an_event() {
        let point = |stream: Option<&str>, seq| {
            let stream = stream.map(str::to_owned);
            Some(Point { stream, seq })
        };
        assert_eq!(Point::parse("7"), point(None, 7));
        assert_eq!(Point::parse("0199-a.7"), point(Some("0199-a"), 7));
        for text in ["", "a", "a.", "a.-1", ".", "7."] {
            assert_eq!(Point::parse(text), None, "{text:?}");
        }
    }
}
