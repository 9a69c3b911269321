//! Reading of a body within its limits: bytes of one body, bytes of all bodies at once, and time.

use std::sync::Arc;
use std::time::Duration;

use farthing_api_types::ProblemCode;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use warp::Buf;

use super::ApiError;

/// Bytes of one permit of [`BodyLimits::memory`].
const MEMORY_UNIT: u64 = 1_024;

/// Limits on bodies.
#[derive(Clone, Debug)]
pub(crate) struct BodyLimits {
    bytes_max: u64,
    memory: Arc<Semaphore>,
    timeout: Duration,
}

/// A body, and the right to keep it in memory.
#[derive(Debug)]
pub(crate) struct ReadBody {
    pub(crate) bytes: Vec<u8>,
    pub(crate) _memory: Option<OwnedSemaphorePermit>,
}

impl BodyLimits {
    pub(crate) fn new(bytes_max: u64, all_bytes_max: u64, timeout: Duration) -> Self {
        let permits = usize::try_from(all_bytes_max / MEMORY_UNIT).unwrap_or(usize::MAX);
        let memory = Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self { bytes_max, memory, timeout }
    }

    fn too_large(&self) -> ApiError {
        let detail = format_args!("at most {} bytes", self.bytes_max);
        ApiError::because(ProblemCode::BodyTooLarge, detail)
    }
}

/// Reads a body. `declared` is its `Content-Length`: one that is too large is refused unread.
pub(crate) async fn read_body<S, B>(
    body: S,
    declared: Option<u64>,
    limits: &BodyLimits,
) -> Result<ReadBody, ApiError>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    if declared.is_some_and(|length| length > limits.bytes_max) {
        return Err(limits.too_large());
    }
    match tokio::time::timeout(limits.timeout, read_all(body, limits)).await {
        Ok(read) => read,
        Err(_) => Err(ApiError::new(ProblemCode::RequestTimeout)),
    }
}

async fn read_all<S, B>(body: S, limits: &BodyLimits) -> Result<ReadBody, ApiError>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let mut body = std::pin::pin!(body);
    let mut read = ReadBody { bytes: Vec::new(), _memory: None };
    let mut reserved = 0;
    while let Some(chunk) = body.next().await {
        let mut chunk =
            chunk.map_err(|error| ApiError::because(ProblemCode::BodyUnreadable, error))?;
        let total = read.bytes.len() as u64 + chunk.remaining() as u64;
        if total > limits.bytes_max {
            return Err(limits.too_large());
        }
        if total > reserved {
            let units = (total - reserved).div_ceil(MEMORY_UNIT);
            reserved += units * MEMORY_UNIT;
            let permit = limits.memory.clone().try_acquire_many_owned(units as u32);
            let permit = permit.map_err(|_| ApiError::new(ProblemCode::Overloaded))?;
            match &mut read._memory {
                Some(memory) => memory.merge(permit),
                None => read._memory = Some(permit),
            }
        }
        while chunk.has_remaining() {
            let bytes = chunk.chunk();
            let count = bytes.len();
            read.bytes.extend_from_slice(bytes);
            chunk.advance(count);
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use futures_util::stream;

    use super::*;

    type Chunk = Result<Cursor<Vec<u8>>, warp::Error>;

    fn chunks(sizes: &[usize]) -> impl Stream<Item = Chunk> + use<> {
        let chunks: Vec<Chunk> = sizes.iter().map(|n| Ok(Cursor::new(vec![7; *n]))).collect();
        stream::iter(chunks)
    }

    fn code<T>(read: Result<T, ApiError>) -> Option<ProblemCode> {
        read.err().map(|failure| failure.problem.code)
    }

    #[tokio::test]
    async fn a_body_keeps_its_limits_and_gives_its_memory_back() {
        let limits = BodyLimits::new(3_000, 4 * MEMORY_UNIT, Duration::from_secs(5));
        let read = read_body(chunks(&[1_000, 1_000, 1_000]), None, &limits).await;
        assert_eq!(read.as_ref().ok().map(|read| read.bytes.len()), Some(3_000));
        assert_eq!(limits.memory.available_permits(), 1);
        let second = read_body(chunks(&[1_500]), None, &limits).await;
        assert_eq!(code(second), Some(ProblemCode::Overloaded));
        drop(read);
        assert_eq!(limits.memory.available_permits(), 4);
        let large = read_body(chunks(&[3_001]), None, &limits).await;
        assert_eq!(code(large), Some(ProblemCode::BodyTooLarge));
        let declared = read_body(chunks(&[]), Some(3_001), &limits).await;
        assert_eq!(code(declared), Some(ProblemCode::BodyTooLarge));
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_given_up() {
        let limits = BodyLimits::new(10, 1 << 20, Duration::from_millis(20));
        let read = read_body(stream::pending::<Chunk>(), None, &limits).await;
        assert_eq!(code(read), Some(ProblemCode::RequestTimeout));
    }
}
