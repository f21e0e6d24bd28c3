//! Measuring: every target in turn, round after round, over connections that stay open.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::connection::{Connection, Failure};

/// What to measure and for how long.
#[derive(Deserialize)]
pub(crate) struct Plan {
    seconds: u64,
    rounds: usize,
    connections: usize,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    address: SocketAddr,
    method: String,
    path: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    /// Fewer or more than the plan says.
    connections: Option<usize>,
}

/// What was found about a target: the round of median speed.
#[derive(Clone, Serialize)]
pub(crate) struct Measured {
    name: String,
    per_second: f64,
    median_ms: f64,
    slowest_ms: f64,
}

/// Runs the whole plan. Any answer but 2xx ends it: the speed of refusals is of no interest.
pub(crate) async fn fire(plan: Plan) -> Result<Vec<Measured>, Failure> {
    let mut rounds: Vec<Vec<Measured>> = vec![Vec::new(); plan.targets.len()];
    for _round in 0..plan.rounds.max(1) {
        for (target, measured) in plan.targets.iter().zip(&mut rounds) {
            measured.push(measure(target, &plan).await?);
        }
    }
    Ok(rounds.into_iter().filter_map(middle).collect())
}

fn middle(mut measured: Vec<Measured>) -> Option<Measured> {
    measured.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    let at = measured.len() / 2;
    measured.into_iter().nth(at)
}

async fn measure(target: &Target, plan: &Plan) -> Result<Measured, Failure> {
    let request = target.request();
    let started = Instant::now();
    let until = started + Duration::from_secs(plan.seconds.max(1));
    let mut workers = JoinSet::new();
    for _connection in 0..target.connections.unwrap_or(plan.connections).max(1) {
        workers.spawn(keep_asking(target.address, request.clone(), until));
    }
    let mut times = Vec::new();
    while let Some(worker) = workers.join_next().await {
        let answered = worker.map_err(|error| Failure::new(error.to_string()))?;
        times.extend(answered.map_err(|failure| failure.at(&target.name))?);
    }
    let took = started.elapsed();
    times.sort_unstable();
    let at = |share: f64| {
        times
            .get((times.len() as f64 * share) as usize)
            .or(times.last())
    };
    let in_ms = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    Ok(Measured {
        name: target.name.clone(),
        per_second: times.len() as f64 / took.as_secs_f64(),
        median_ms: in_ms(at(0.5)),
        slowest_ms: in_ms(at(0.99)),
    })
}

async fn keep_asking(
    address: SocketAddr,
    request: Vec<u8>,
    until: Instant,
) -> Result<Vec<Duration>, Failure> {
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    while Instant::now() < until {
        let asked = Instant::now();
        let status = connection.ask(&request).await?;
        if !(200..300).contains(&status) {
            return Err(Failure::new(format!("answered {status}")));
        }
        times.push(asked.elapsed());
    }
    Ok(times)
}

impl Target {
    fn request(&self) -> Vec<u8> {
        let Self {
            method, path, body, ..
        } = self;
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{}\r\n",
            self.address.port()
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }
}
