//! Witnesses and proofs in the object store.

use std::time::Duration;

use async_nats::jetstream::object_store::{Config, ObjectMetadata, ObjectStore};
use async_nats::jetstream::{Context, context::ObjectStoreErrorKind, stream::StorageType};
use thiserror::Error;
use tokio::io::AsyncReadExt;

use crate::message::OBJECT_BYTES_MAX;
use crate::queue::{AGE_MAX, BUCKET};

/// Bytes of a message that carries a part of an object: half of the largest message.
const CHUNK_BYTES: usize = 512 << 10;
/// Time for which an object may take: 60 MB at 1 MB/s.
const TIMEOUT: Duration = Duration::from_secs(60);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Reason why an object is not stored or read.
#[derive(Debug, Error)]
pub(crate) enum ObjectError {
    #[error("object {name} is not stored")]
    Put {
        name: String,
        #[source]
        source: Cause,
    },
    #[error("object {name} is not read")]
    Get {
        name: String,
        #[source]
        source: Cause,
    },
    #[error("object {name} has {got} bytes, at most {max} are taken")]
    Size { name: String, got: usize, max: usize },
    #[error("object {name} takes too long")]
    Timeout { name: String },
}

/// The bucket, made if it is not there.
pub(crate) async fn open_or_make(jetstream: &Context, replicas: usize) -> Result<Objects, Cause> {
    let config = Config {
        bucket: BUCKET.to_owned(),
        max_age: AGE_MAX,
        storage: StorageType::File,
        num_replicas: replicas,
        ..Config::default()
    };
    match jetstream.get_object_store(BUCKET).await {
        Ok(store) => Ok(Objects(store)),
        Err(failure) if failure.kind() == ObjectStoreErrorKind::GetStore => {
            Ok(Objects(jetstream.create_object_store(config).await?))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// The bucket, which the node makes.
pub(crate) async fn open(jetstream: &Context) -> Result<Objects, Cause> {
    Ok(Objects(jetstream.get_object_store(BUCKET).await?))
}

/// The bucket of witnesses and proofs.
#[derive(Clone)]
pub(crate) struct Objects(pub(crate) ObjectStore);

impl Objects {
    /// Stores an object, unless one of its name is there: a reader must not find it replaced.
    pub(crate) async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ObjectError> {
        let put = async {
            if self.0.info(name).await.is_ok_and(|info| !info.deleted && info.size == bytes.len()) {
                return Ok(());
            }
            let chunk_size = Some(CHUNK_BYTES);
            let name = name.to_owned();
            let object = ObjectMetadata { name, chunk_size, ..ObjectMetadata::default() };
            self.0.put(object, &mut &*bytes).await.map(|_| ())
        };
        match tokio::time::timeout(TIMEOUT, put).await {
            Err(_) => Err(ObjectError::Timeout { name: name.to_owned() }),
            Ok(put) => {
                let failed = |source| ObjectError::Put { name: name.to_owned(), source };
                put.map_err(|source| failed(source.into()))
            }
        }
    }

    /// Reads an object; its hash is checked on the way.
    pub(crate) async fn get(&self, name: &str) -> Result<Vec<u8>, ObjectError> {
        let failed = |source: Cause| ObjectError::Get { name: name.to_owned(), source };
        let get = async {
            let mut object = self.0.get(name).await.map_err(|source| failed(source.into()))?;
            let (got, max) = (object.info().size, OBJECT_BYTES_MAX);
            if got > max {
                return Err(ObjectError::Size { name: name.to_owned(), got, max });
            }
            let mut bytes = Vec::new();
            // The size in the description is the sender's word.
            let mut limited = (&mut object).take(max as u64);
            limited.read_to_end(&mut bytes).await.map_err(|source| failed(source.into()))?;
            Ok(bytes)
        };
        let read = tokio::time::timeout(TIMEOUT, get).await;
        read.unwrap_or_else(|_| Err(ObjectError::Timeout { name: name.to_owned() }))
    }

    /// Deletes an object, if it is there.
    pub(crate) async fn delete(&self, name: &str) {
        // What stays behind is swept later, or ages out.
        let _ = tokio::time::timeout(TIMEOUT, self.0.delete(name)).await;
    }
}
