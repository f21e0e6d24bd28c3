//! Programs a task starts, and their end.
//!
//! Every program gets a process group of its own, so that ending it ends its children too (npm starts a shell that
//! starts node). The terminal's Ctrl-C therefore reaches the task alone, which passes it on and then unwinds as usual:
//! temporary folders and clusters are removed by their `Drop`, not by an exit in a signal handler.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::error::{Doing, Error, Result};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// How long a program may take to end by itself.
const GRACE: Duration = Duration::from_secs(15);
/// How often an ending program is looked at.
const GLANCE: Duration = Duration::from_millis(25);

/// Passes Ctrl-C and termination on to every program under way: first a request, the second time by force.
pub(crate) fn watch_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        let again = INTERRUPTED.swap(true, Ordering::SeqCst);
        let signal = if again {
            Signal::SIGKILL
        } else {
            Signal::SIGTERM
        };
        for group in groups().iter() {
            let _gone = killpg(*group, signal);
        }
    })
    .map_err(|error| Error::other(format!("The signal handler could not be set: {error}.")))
}

/// Fails once the person has asked to stop.
pub(crate) fn go_on() -> Result<()> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}

/// Pauses a polling loop; fails once the person has asked to stop.
pub(crate) fn pause() -> Result<()> {
    thread::sleep(GLANCE);
    go_on()
}

fn groups() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    GROUPS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A program under way. Dropping it ends it and everything it started.
pub(crate) struct Running {
    child: Child,
    group: Pid,
    command: String,
}

impl Running {
    /// Starts the program in a group of its own, without an input to wait for.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        go_on()?;
        command.process_group(0).stdin(Stdio::null());
        Self::spawn(command)
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let shown = show(command);
        let child = command.spawn().doing(format!("Starting `{shown}`"))?;
        let id = i32::try_from(child.id())
            .map_err(|_| Error::other("The system gave an impossible process id."))?;
        let group = Pid::from_raw(id);
        groups().push(group);
        let running = Self {
            child,
            group,
            command: shown,
        };
        // A signal may have come between the check above and the entry in the list: then nobody has passed it on.
        go_on().inspect_err(|_| {
            let _gone = killpg(group, Signal::SIGTERM);
        })?;
        Ok(running)
    }

    /// The pipe of its output, if it was started with one.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for the end and insists on success.
    pub(crate) fn succeed(mut self) -> Result<()> {
        let status = self
            .child
            .wait()
            .doing(format!("Waiting for `{}`", self.command))?;
        self.judge(status)
    }

    /// The status, once the program has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .doing(format!("Looking after `{}`", self.command))
    }

    /// The most memory the program has held so far; `None` once it is gone, and where the system does not say.
    pub(crate) fn peak_memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.group)).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    }

    /// Turns an exit status into success or the sentence to fail with.
    pub(crate) fn judge(&self, status: ExitStatus) -> Result<()> {
        go_on()?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Failed {
            command: self.command.clone(),
            status: status.to_string(),
        })
    }

    /// Asks the program to end in its own manner, and insists after a while.
    pub(crate) fn stop(&mut self, request: Signal) {
        // The handler has passed a termination on already, and programs take a second one for impatience.
        if request != Signal::SIGTERM || go_on().is_ok() {
            let _gone = killpg(self.group, request);
        }
        let limit = Instant::now() + GRACE;
        while Instant::now() < limit && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(GLANCE);
        }
        // Whatever is left of the group, its leader included.
        let _gone = killpg(self.group, Signal::SIGKILL);
        let _reaped = self.child.wait();
        groups().retain(|group| *group != self.group);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop(Signal::SIGTERM);
    }
}

/// Runs a program to its end, its output going where the task's goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    Running::start(command)?.succeed()
}

/// Runs a program to its end and returns what it wrote to stdout.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let mut lines = Vec::new();
    follow(command, |line| lines.push(line.to_owned()))?;
    Ok(lines.join("\n"))
}

/// Runs a program to its end, handing over each line of its stdout as it comes.
pub(crate) fn follow(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    if let Some(stdout) = running.stdout() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.doing(format!("Reading the output of `{}`", running.command))?;
            each(&String::from_utf8_lossy(&line));
        }
    }
    running.succeed()
}

/// Runs a program with `input` on its stdin.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Result<()> {
    use std::io::Write;

    go_on()?;
    let mut running = Running::spawn(command.process_group(0).stdin(Stdio::piped()))?;
    if let Some(mut stdin) = running.child.stdin.take() {
        stdin
            .write_all(input)
            .doing(format!("Writing to `{}`", running.command))?;
    }
    running.succeed()
}

/// The command as one would type it, shortened to the program's own name.
fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_named_with_its_status() {
        let failed = run(Command::new("sh").args(["-c", "exit 3"]));

        let sentence = failed.map_err(|error| error.to_string());
        assert_eq!(
            sentence,
            Err("`sh -c exit 3` failed (exit status: 3).".to_owned())
        );
    }

    #[test]
    fn dropping_a_program_ends_its_children_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script = format!(
            "sleep 600 & echo $! > '{0}.new'; mv '{0}.new' '{0}'; wait",
            file.display()
        );
        let running = Running::start(Command::new("sh").args(["-c", &script])).unwrap();
        while !file.exists() {
            pause().unwrap();
        }

        drop(running);

        let child: i32 = std::fs::read_to_string(file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let alive = || {
            std::fs::read_to_string(format!("/proc/{child}/stat"))
                .is_ok_and(|stat| !stat.contains(") Z "))
        };
        for _glance in 0..200 {
            if !alive() {
                return;
            }
            pause().unwrap();
        }
        panic!("the child outlived its parent");
    }
}
