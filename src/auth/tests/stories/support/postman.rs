//! A postman who keeps what he is given.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use auth::{Letter, LetterKind, PostError, Postman};

/// Keeps letters; refuses those it is told to. News of new devices it keeps apart: in nearly every
/// story somebody signs in from somewhere new, and nearly none is about that.
#[derive(Default)]
pub(crate) struct TestPostman {
    letters: Mutex<Vec<Letter>>,
    devices: Mutex<Vec<Letter>>,
    refusals: Mutex<VecDeque<PostError>>,
}

impl TestPostman {
    /// What it says to the next letter.
    pub(crate) fn fail(&self, error: PostError) {
        self.refusals.lock().expect("no panic").push_back(error);
    }

    pub(crate) fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().expect("no panic"))
    }

    pub(crate) fn take_device_news(&self) -> Vec<Letter> {
        std::mem::take(&mut self.devices.lock().expect("no panic"))
    }
}

#[async_trait]
impl Postman for TestPostman {
    async fn deliver(&self, letter: &Letter) -> Result<(), PostError> {
        if let Some(error) = self.refusals.lock().expect("no panic").pop_front() {
            return Err(error);
        }
        let kept = match letter.kind {
            LetterKind::NewDevice { .. } => &self.devices,
            _ => &self.letters,
        };
        kept.lock().expect("no panic").push(letter.clone());
        Ok(())
    }
}
