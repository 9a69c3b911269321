//! Keys that sign.

use farthing_protocol::{SEED_BYTES, SIGNATURE_BYTES, SecretKey, sign};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeroize::Zeroizing;

use crate::elements::{DigestWords, MessageWords, digest, elements, messages};
use crate::guard::guarded;

/// Secret key of a seed. It has no method that gives its secret, and is not pickled or copied.
#[pyclass(frozen, module = "farthing_accelerator")]
pub(crate) struct SigningKey(SecretKey);

#[pymethods]
impl SigningKey {
    /// Derives the key of a seed of 32 bytes.
    #[new]
    fn new(seed: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let seed: [u8; SEED_BYTES] = seed
            .as_bytes()
            .try_into()
            .map_err(|_| PyValueError::new_err(format!("a seed is {SEED_BYTES} bytes")))?;
        let seed = Zeroizing::new(seed);
        guarded(|| Self(SecretKey::from_seed(&seed)))
    }

    /// Five elements of the key that verifies.
    #[getter]
    fn public(&self) -> (u64, u64, u64, u64, u64) {
        let [a, b, c, d, e] = self.0.public_key().to_words();
        (a, b, c, d, e)
    }

    /// Signs 14 elements for a domain.
    fn sign<'py>(
        &self,
        py: Python<'py>,
        domain: DigestWords,
        message: MessageWords,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (domain, message) = (digest(&domain)?, elements(&message)?);
        let signature = guarded(|| sign(&self.0, &domain, &message).to_bytes())?;
        Ok(PyBytes::new(py, &signature))
    }

    /// Signs many messages for a domain, without Python's lock.
    fn sign_many<'py>(
        &self,
        py: Python<'py>,
        domain: DigestWords,
        batch: Vec<MessageWords>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let (domain, elements) = (digest(&domain)?, messages(&batch)?);
        let signatures: Vec<[u8; SIGNATURE_BYTES]> = py.detach(|| {
            guarded(|| {
                let signatures = elements.iter().map(|one| sign(&self.0, &domain, one).to_bytes());
                signatures.collect()
            })
        })?;
        Ok(signatures.iter().map(|signature| PyBytes::new(py, signature)).collect())
    }

    fn __repr__(&self) -> String {
        format!("SigningKey(public={})", self.0.public_key())
    }
}
