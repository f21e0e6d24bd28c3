//! A connection whose other end must go on reading: who takes nothing for a while is let go, so that
//! nobody holds an answer that does not end by itself.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long a write may make no progress.
const WRITES_WITHIN: Duration = Duration::from_secs(30);

/// A stream of bytes with an end to its patience.
pub(super) struct Patient<T> {
    stream: T,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<T> Patient<T> {
    pub(super) fn new(stream: T) -> Self {
        Self {
            stream,
            waiting: None,
        }
    }

    /// What a write came to; an error if it has been waiting for too long.
    fn judge<R>(&mut self, write: Poll<Result<R>>, cx: &mut Context<'_>) -> Poll<Result<R>> {
        if write.is_ready() {
            self.waiting = None;
            return write;
        }
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(WRITES_WITHIN)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(Error::from(ErrorKind::TimedOut)))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.judge(write, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.judge(write, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let flush = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(flush, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_let_go() {
        let (ours, _theirs) = duplex(8);
        let mut ours = Patient::new(ours);
        ours.write_all(b"12345678").await.expect("there is room");

        let refused = ours.write_all(b"9").await.expect_err("nobody reads");

        assert_eq!(refused.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_not() {
        let (ours, mut theirs) = duplex(8);
        let mut ours = Patient::new(ours);
        let reading = tokio::spawn(async move {
            let mut read = 0;
            while read < 64 {
                sleep(WRITES_WITHIN / 2).await;
                let mut some = [0; 8];
                read += theirs.read(&mut some).await.expect("reads");
            }
        });

        ours.write_all(&[0; 64]).await.expect("goes on");

        reading.await.expect("no panic");
    }
}
